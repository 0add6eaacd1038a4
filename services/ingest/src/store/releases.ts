import { query, type Transaction, uuids } from '@tributary/database'
import { SAID_BY_INTAKE } from '../domain/event-status.ts'
import { lowestIdAt } from '../domain/event-time.ts'
import { nextMonth } from '../domain/quota.ts'
import { publishedColumns } from './journal-stream.ts'

/** How many events wait for the relay, counted up to `max`: live ones in the journal, others in the outbox. */
export async function countUnpublished(tx: Transaction, max: number): Promise<number> {
  const [row] = await query<{ count: number }>(
    tx,
    `select (select count(*) from (select from webhook_events e, relay_checkpoints c where c.stream = 'journal'
         and e.disposition = 'publish' and (e.xid, e.seq) > (c.xid, c.seq) limit ?::int) live)::int
       + (select count(*) from (select from outbox o, relay_checkpoints c where c.stream = 'outbox'
         and (o.xid, o.seq) > (c.xid, c.seq) limit ?::int) other)::int as count`,
    [max, max],
  )
  return row?.count ?? 0
}

/** Takes the oldest deferred events of a month out of their wait, so that nobody else does. */
export async function claimDeferred(tx: Transaction, month: string, max: number): Promise<string[]> {
  const from = new Date(month)
  const rows = await query<{ event_id: string }>(
    tx,
    `update event_statuses set status = 'received' where revision = ${SAID_BY_INTAKE} and event_id in (
       select event_id from event_statuses where status = 'deferred' and event_id >= ?::uuid and event_id < ?::uuid
       order by event_id limit ?::int for update skip locked)
     and event_id >= ?::uuid and event_id < ?::uuid returning event_id`,
    [lowestIdAt(from), lowestIdAt(nextMonth(from)), max, lowestIdAt(from), lowestIdAt(nextMonth(from))],
  )
  return rows.map((row) => row.event_id).sort()
}

/** An event that goes out again under a message id of its own. */
export type Release = Readonly<{ messageId: string; eventId: string }>

/**
 * Puts events into the outbox in this order, with what the journal would have said of them, to the character, under new
 * message ids: an inbox that has forgotten the time of the old ones would refuse those. Answers how many; what was erased
 * meanwhile is left out.
 */
export async function writeToOutbox(
  tx: Transaction,
  knownTypes: readonly string[],
  releases: readonly Release[],
): Promise<number> {
  const ids = releases.map(({ eventId }) => eventId)
  const rows = await query(
    tx,
    `insert into outbox (message_id, subject, correlation_id, causation_id, type, time, traceparent, payload, destination)
     select given.message_id, e.event_id, e.event_id, e.event_id, ${publishedColumns(knownTypes)}
     from unnest(?::uuid[], ?::uuid[]) with ordinality as given (message_id, event_id, at)
     join webhook_events e on e.event_id = given.event_id and e.event_id between ?::uuid and ?::uuid
     where e.payload is not null or e.body is not null
     order by given.at returning subject`,
    [uuids(releases.map(({ messageId }) => messageId)), uuids(ids), ids[0], ids.at(-1)],
  )
  return rows.length
}

/** They do not count again; only that they are out does. */
export async function countReleased(tx: Transaction, month: string, released: number): Promise<void> {
  await query(tx, 'insert into usage_counts (month, used, deferred, released) values (?, 0, 0, ?)', [month, released])
}
