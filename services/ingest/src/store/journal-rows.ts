import { uncountedTypes } from '@tributary/contracts'
import { type Database, instants, ints, texts, uuids } from '@tributary/database'
import { SAID_BY_INTAKE } from '../domain/event-status.ts'
import { timeOfId } from '../domain/event-time.ts'

/** What becomes of a stored webhook: the relay publishes it, it waits for its release, or nobody hears of it. */
export type Disposition = 'publish' | 'defer' | 'ignore'

/** An accepted webhook, not yet stored. */
export type JournalEntry = Readonly<{
  eventId: string
  /** Whose webhook ids are compared with each other. */
  source: string
  webhookId: string
  /** As the sender named it, or what it was translated into. */
  type: string
  time: Date
  traceparent: string | null
  /** In the bytes it came in. */
  body: Buffer
  /** The request's headers that are kept: the text of a JSON object without secrets. */
  headers: string | null
  /** Published as the event's data, where that is not the `data` of the body: the text of a JSON object. */
  payload: string | null
  disposition: Disposition
  /** Why it is not published; null where it is. */
  reason: string | null
}>

/** What was stored before with the same source and webhook id. */
export type Known = Readonly<{ kind: 'duplicate' | 'conflict'; eventId: string }>

/** Frees the connection of a statement that was given up; past the pool's own patience, so that one answers first. */
const STATEMENT_MAX_MS = 8_000

const uncounted = uncountedTypes.map((type) => `'${type}'`).join(', ')

/** Sorted keys: two statements that share some wait for each other instead of deadlocking. */
const insertSql = `
  with given as (
    select * from unnest(?::text[], ?::text[], ?::uuid[], ?::int[], ?::int[], ?::text[], ?::timestamptz[],
        ?::timestamptz[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
      as given (source, webhook_id, event_id, body_start, body_bytes, type, received_at, time,
        traceparent, headers, payload, disposition, reason)
  ), bodies as (select ?::bytea as all_bodies
  ), fresh as (
    insert into idempotency_keys (source, webhook_id, body_sha256, event_id)
    select source, webhook_id, sha256(substring(all_bodies from body_start for body_bytes)), event_id
    from given, bodies order by source, webhook_id
    on conflict do nothing returning event_id
  ), unpublished as (
    insert into event_statuses (event_id, status, revision)
    select event_id, case disposition when 'defer' then 'deferred' else 'ignored' end, ${SAID_BY_INTAKE}
    from given join fresh using (event_id) where disposition <> 'publish'
  ), counted as (
    insert into usage_counts (month, used, deferred, released)
    select date_trunc('month', received_at at time zone 'utc'), count(*),
      count(*) filter (where disposition = 'defer'), 0
    from given join fresh using (event_id) where disposition <> 'ignore' and type not in (${uncounted}) group by 1
  )
  insert into webhook_events (event_id, received_at, time, source, webhook_id, type, traceparent, body, headers, payload,
    disposition, reason)
  select event_id, received_at, time, source, webhook_id, type, traceparent,
    substring(all_bodies from body_start for body_bytes), headers, payload, disposition, reason
  from given join fresh using (event_id), bodies
  returning event_id`

/** Stores those that are new, in one statement; answers their event ids. */
export async function insertEntries(db: Database, entries: readonly JournalEntry[]): Promise<Set<string>> {
  const { bodies, starts, lengths } = joinBodies(entries)
  const rows = await run<{ event_id: string }>(db, 'journal-insert', insertSql, [
    texts(entries.map((entry) => entry.source)),
    texts(entries.map((entry) => entry.webhookId)),
    uuids(entries.map((entry) => entry.eventId)),
    ints(starts),
    ints(lengths),
    texts(entries.map((entry) => entry.type)),
    instants(entries.map((entry) => timeOfId(entry.eventId))),
    instants(entries.map((entry) => entry.time)),
    texts(entries.map((entry) => entry.traceparent)),
    texts(entries.map((entry) => entry.headers)),
    texts(entries.map((entry) => entry.payload)),
    texts(entries.map((entry) => entry.disposition)),
    texts(entries.map((entry) => entry.reason)),
    bodies,
  ])
  return new Set(rows.map((row) => row.event_id))
}

/** By the event id that was given. A statement of its own, so that it sees what others committed meanwhile. */
export async function compareWithStored(db: Database, entries: readonly JournalEntry[]): Promise<Map<string, Known>> {
  const { bodies, starts, lengths } = joinBodies(entries)
  const rows = await run<{ given_id: string; event_id: string; is_same: boolean }>(
    db,
    'journal-compare',
    `select given.given_id, stored.event_id,
       stored.body_sha256 = sha256(substring(?::bytea from body_start for body_bytes)) as is_same
     from unnest(?::text[], ?::text[], ?::uuid[], ?::int[], ?::int[])
       as given (source, webhook_id, given_id, body_start, body_bytes)
     join idempotency_keys stored using (source, webhook_id)`,
    [
      bodies,
      texts(entries.map((entry) => entry.source)),
      texts(entries.map((entry) => entry.webhookId)),
      uuids(entries.map((entry) => entry.eventId)),
      ints(starts),
      ints(lengths),
    ],
  )
  return new Map(
    rows.map((row) => [row.given_id, { kind: row.is_same ? 'duplicate' : 'conflict', eventId: row.event_id }]),
  )
}

/** All bodies as one value: an array of bytes would travel as hexadecimal text, twice as long, and cost us its making. */
function joinBodies(entries: readonly JournalEntry[]) {
  const lengths = entries.map((entry) => entry.body.length)
  let start = 1
  const starts = lengths.map((length) => {
    const here = start
    start += length
    return here
  })
  return { bodies: Buffer.concat(entries.map((entry) => entry.body)), starts, lengths }
}

async function run<Row>(db: Database, name: string, sql: string, bindings: readonly unknown[]): Promise<Row[]> {
  // Prepared once for each connection: parsing and planning would cost the database more than a row.
  const statement = db
    .raw(sql, bindings as never)
    .options({ name })
    .timeout(STATEMENT_MAX_MS)
  const result = (await statement) as { rows: Row[] }
  return result.rows
}
