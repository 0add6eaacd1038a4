import { query, type Transaction } from '@tributary/database'

/** An event whose customer has not registered yet, or whose referral was too old for it and may convert after all. */
export type WaitingEvent = Readonly<{
  eventId: string
  externalUserId: string
  type: string
  /** As it came over the wire. */
  payload: unknown
  happenedAt: Date
  correlationId: string
  traceparent: string | null
  revision: number
  until: 'registration' | 'conversion'
}>

export async function insertWaiting(tx: Transaction, events: readonly WaitingEvent[]): Promise<void> {
  await query(
    tx,
    `insert into waiting_events (event_id, external_user_id, type, payload, happened_at, correlation_id, traceparent, revision, until)
     select * from unnest(?::uuid[], ?::text[], ?::text[], ?::jsonb[], ?::timestamptz[], ?::uuid[], ?::text[], ?::int[], ?::text[])`,
    [
      events.map((one) => one.eventId),
      events.map((one) => one.externalUserId),
      events.map((one) => one.type),
      events.map((one) => JSON.stringify(one.payload)),
      events.map((one) => one.happenedAt),
      events.map((one) => one.correlationId),
      events.map((one) => one.traceparent),
      events.map((one) => one.revision),
      events.map((one) => one.until),
    ],
  )
}

/** Events that wait for these customers to register, in the order in which they happened. The customers' anchors are locked. */
export async function listWaiting(
  tx: Transaction,
  externalUserIds: readonly string[],
  max: number,
): Promise<WaitingEvent[]> {
  return await query<WaitingEvent>(
    tx,
    `select event_id as "eventId", external_user_id as "externalUserId", type, payload, happened_at as "happenedAt",
       correlation_id as "correlationId", traceparent, revision, until
     from waiting_events where external_user_id = any(?::text[]) and until = 'registration' order by happened_at, event_id limit ?`,
    [externalUserIds, max],
  )
}

export async function deleteWaiting(tx: Transaction, eventIds: readonly string[]): Promise<void> {
  await query(tx, 'delete from waiting_events where event_id = any(?::uuid[])', [eventIds])
}

/** Lets what was too late for these customers' referrals be decided again: they have converted after all. */
export async function freeWaiting(tx: Transaction, externalUserIds: readonly string[]): Promise<void> {
  await query(
    tx,
    `update waiting_events set until = 'registration'
     where external_user_id = any(?::text[]) and until = 'conversion'`,
    [externalUserIds],
  )
}

/** Customers who have registered and for whom events still wait. */
export async function listRegisteredWithWaiting(tx: Transaction, max: number): Promise<string[]> {
  const rows = await query<{ external_user_id: string }>(
    tx,
    `select distinct external_user_id from waiting_events join referees using (external_user_id)
     where user_id is not null and until = 'registration' order by external_user_id limit ?`,
    [max],
  )
  return rows.map((row) => row.external_user_id)
}

/** Invoices of the first payments that wait for these customers: of at least those that `listWaiting` answers for as many. */
export async function listWaitingInvoices(
  tx: Transaction,
  externalUserIds: readonly string[],
  max: number,
): Promise<string[]> {
  if (externalUserIds.length === 0) return []
  const rows = await query<{ id: string }>(
    tx,
    `select payload ->> 'invoiceId' as id from waiting_events
     where external_user_id = any(?::text[]) and until = 'registration' and type = 'subscription.paid'
     order by happened_at, event_id limit ?`,
    [externalUserIds, max],
  )
  return rows.map(({ id }) => id)
}
