import { type Database, query } from '@tributary/database'
import type { EventStatus } from '../domain/event-status.ts'

export type StoredEvent = Readonly<{
  eventId: string
  webhookId: string
  type: string
  status: EventStatus
  receivedAt: Date
  source: string
  /** In the bytes it came in; null where its person was forgotten. */
  body: Buffer | null
  erasedAt: Date | null
  /** Those that are kept, as the text of a JSON object. */
  headers: string | null
  /** What is published instead of the body's `data`, as JSON text. */
  payload: string | null
  /** Why it was not published when it came. */
  reason: string | null
}>

/** Of `e`, a webhook event, and `s`, its status where there is one. */
export const eventColumns = `e.event_id as "eventId", e.webhook_id as "webhookId", e.type, e.received_at as "receivedAt",
  e.source, e.body, e.erased_at as "erasedAt", e.headers, e.payload, e.reason, coalesce(s.status, 'received') as status`

export async function findEvent(db: Database, eventId: string): Promise<StoredEvent | null> {
  const [event] = await query<StoredEvent>(
    db,
    `select ${eventColumns} from webhook_events e left join event_statuses s on s.event_id = ?
     where e.event_id = ?`,
    [eventId, eventId],
  )
  return event ?? null
}

export async function findEventIdOfWebhook(db: Database, source: string, webhookId: string): Promise<string | null> {
  const [row] = await query<{ event_id: string }>(
    db,
    'select event_id from idempotency_keys where source = ? and webhook_id = ?',
    [source, webhookId],
  )
  return row?.event_id ?? null
}
