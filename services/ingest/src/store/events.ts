import { type Database, query, type Transaction } from '@tributary/database'
import type { EventStatus } from '../domain/event-status.ts'
import { lowestIdAt } from '../domain/event-time.ts'
import { SOURCE } from './journal.ts'

export type StoredEvent = Readonly<{
  eventId: string
  webhookId: string
  type: string
  status: EventStatus
  receivedAt: Date
  body: Buffer
}>

const columns = `e.event_id as "eventId", e.webhook_id as "webhookId", e.type, e.received_at as "receivedAt", e.body,
  coalesce(s.status, 'received') as status`

export async function findEvent(db: Database, eventId: string): Promise<StoredEvent | null> {
  const [event] = await query<StoredEvent>(
    db,
    `select ${columns} from webhook_events e left join event_statuses s on s.event_id = ?
     where e.event_id = ?`,
    [eventId, eventId],
  )
  return event ?? null
}

export async function findEventIdOfWebhook(db: Database, webhookId: string): Promise<string | null> {
  const [row] = await query<{ event_id: string }>(
    db,
    'select event_id from idempotency_keys where source = ? and webhook_id = ?',
    [SOURCE, webhookId],
  )
  return row?.event_id ?? null
}

export type EventFilter = Readonly<{
  type?: string | undefined
  status?: EventStatus | undefined
  /** Received at or after. */
  from?: Date | undefined
  /** Received before. */
  to?: Date | undefined
  /** Only what came before this one. */
  before: string | null
  limit: number
}>

/** The newest first. Times are ranges of ids, so that only the days asked for are read. */
export async function listEvents(db: Database, filter: EventFilter): Promise<StoredEvent[]> {
  const conditions: string[] = []
  const bindings: unknown[] = []
  const add = (condition: string, value: unknown) => {
    conditions.push(condition)
    bindings.push(value)
  }
  if (filter.type !== undefined) add('e.type = ?', filter.type)
  if (filter.from !== undefined) add('e.event_id >= ?::uuid', lowestIdAt(filter.from))
  if (filter.to !== undefined) add('e.event_id < ?::uuid', lowestIdAt(filter.to))
  if (filter.before !== null) add('e.event_id < ?::uuid', filter.before)
  if (filter.status === 'received') conditions.push("coalesce(s.status, 'received') = 'received'")
  else if (filter.status !== undefined) add('s.status = ?', filter.status)
  // An inner join where there must be a status: those in need of a look are then found by their index.
  const join = filter.status === undefined || filter.status === 'received' ? 'left join' : 'join'
  return await query<StoredEvent>(
    db,
    `select ${columns} from webhook_events e ${join} event_statuses s on s.event_id = e.event_id
     ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
     order by e.event_id desc limit ?`,
    [...bindings, filter.limit],
  )
}

export type Republished = Readonly<{ type: string; time: Date; traceparent: string | null; data: unknown }>

/** What an event was published with, or null; a replay says the same again. */
export async function findForReplay(tx: Transaction, eventId: string): Promise<Republished | null> {
  const [row] = await query<Republished>(
    tx,
    `select type, time, traceparent, coalesce(payload::json, convert_from(body, 'UTF8')::json -> 'data') as data
     from webhook_events where event_id = ?`,
    [eventId],
  )
  return row ?? null
}
