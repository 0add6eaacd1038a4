import { type Database, query } from '@tributary/database'

export type StoredAcceptance = Readonly<{
  eventId: string
  source: string
  webhookId: string
  type: string
  bodySha256: string
  receivedAt: Date
}>

/** What was accepted under an event's id, or null. The hash is kept with the webhook's id, apart from the body. */
export async function findAcceptance(db: Database, eventId: string): Promise<StoredAcceptance | null> {
  const [row] = await query<StoredAcceptance>(
    db,
    `select e.event_id as "eventId", e.source, e.webhook_id as "webhookId", e.type, e.received_at as "receivedAt",
       encode(k.body_sha256, 'hex') as "bodySha256"
     from webhook_events e join idempotency_keys k on k.source = e.source and k.webhook_id = e.webhook_id
     where e.event_id = ?`,
    [eventId],
  )
  return row ?? null
}
