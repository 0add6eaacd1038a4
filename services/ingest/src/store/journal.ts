import { classify, type Database } from '@tributary/database'
import { timeOfId } from '../domain/event-time.ts'
import { GroupCommit } from './group-commit.ts'

/** Webhooks of the one sender that is configured; adapters will add others. */
export const SOURCE = 'default'

/** An accepted webhook, not yet stored. */
export type JournalEntry = Readonly<{
  eventId: string
  webhookId: string
  /** As the sender named it. */
  type: string
  time: Date
  traceparent: string | null
  /** In the bytes it came in. */
  body: Buffer
}>

/** `eventId` is the one of the first delivery: for a duplicate, and for a conflict, not the one that was given. */
export type Appended = Readonly<{ kind: 'new' | 'duplicate' | 'conflict'; eventId: string }>

type Result = Appended | Readonly<{ kind: 'unstorable'; error: unknown }>

export type Journal = Readonly<{
  /** Resolves once committed. Rejects when it was not, or may not have been. */
  append(entry: JournalEntry): Promise<Appended>
  drain(): Promise<void>
}>

/** More than a second of the fastest intake measured; who waits longer than that will not wait for the answer. */
const WAITING_MAX = 10_000
const PATIENCE_MS = 4_000
/** Frees the connection of a statement that was given up; past the pool's own patience, so that one answers first. */
const STATEMENT_MAX_MS = 8_000
const ATTEMPTS_MAX = 3

/** `onStored` is called after each commit that stored something. */
export function newJournal(db: Database, batchMax: number, onStored: () => void): Journal {
  const group = new GroupCommit<JournalEntry, Result>({
    async commit(entries) {
      const results = await appendBatch(db, entries)
      if (results.some((result) => result.kind === 'new')) onStored()
      return results
    },
    batchMax,
    // One on its way while the next one is being prepared; with more, the batches only get smaller. Where each webhook
    // has its own commit, only the pool bounds them.
    inFlightMax: batchMax === 1 ? 1_000 : 2,
    waitingMax: WAITING_MAX,
    patienceMs: PATIENCE_MS,
  })
  return {
    async append(entry) {
      const result = await group.submit(entry)
      if (result.kind === 'unstorable') throw result.error
      return result
    },
    drain: () => group.drain(),
  }
}

/** Stores the entries in one commit and says what each of them was; also where several have the same webhook id. */
export async function appendBatch(db: Database, entries: readonly JournalEntry[]): Promise<Result[]> {
  const firsts = new Map<string, JournalEntry>()
  for (const entry of entries) if (!firsts.has(entry.webhookId)) firsts.set(entry.webhookId, entry)
  const { stored, unstorable } = await insertOrHalve(db, [...firsts.values()])
  // Those that were there before, and those that came twice in this batch: compared with what is stored now.
  const others = entries.filter((entry) => !stored.has(entry.eventId) && !unstorable.has(entry.webhookId))
  const known = others.length === 0 ? null : await compareWithStored(db, others)
  return entries.map((entry) => {
    if (stored.has(entry.eventId)) return { kind: 'new', eventId: entry.eventId }
    const error = unstorable.get(entry.webhookId)
    if (error) return { kind: 'unstorable', error }
    return known?.get(entry.eventId) ?? { kind: 'unstorable', error: new Error('neither stored nor there before') }
  })
}

type Inserted = Readonly<{
  /** Event ids. */
  stored: Set<string>
  /** By webhook id. */
  unstorable: Map<string, unknown>
}>

/** Values that can never be stored cost only themselves: the batch is halved around them. */
async function insertOrHalve(db: Database, entries: readonly JournalEntry[], attempt = 1): Promise<Inserted> {
  try {
    return { stored: await insertEntries(db, entries), unstorable: new Map() }
  } catch (error) {
    const reason = classify(error)
    if (reason === 'retry' && attempt < ATTEMPTS_MAX) return await insertOrHalve(db, entries, attempt + 1)
    if (reason !== 'data') throw error
    if (entries.length === 1) return { stored: new Set(), unstorable: new Map([[entries[0]!.webhookId, error]]) }
    const middle = Math.ceil(entries.length / 2)
    const left = await insertOrHalve(db, entries.slice(0, middle))
    const right = await insertOrHalve(db, entries.slice(middle))
    return {
      stored: new Set([...left.stored, ...right.stored]),
      unstorable: new Map([...left.unstorable, ...right.unstorable]),
    }
  }
}

/** Sorted keys: two statements that share some wait for each other instead of deadlocking. */
const insertSql = `
  with given as (
    select * from unnest(?::text[], ?::uuid[], ?::int[], ?::int[], ?::text[], ?::float8[], ?::float8[], ?::text[])
      as given (webhook_id, event_id, body_start, body_bytes, type, received_ms, time_ms, traceparent)
  ), bodies as (select ?::bytea as all_bodies
  ), fresh as (
    insert into idempotency_keys (source, webhook_id, body_sha256, event_id)
    select '${SOURCE}', webhook_id, sha256(substring(all_bodies from body_start for body_bytes)), event_id
    from given, bodies order by webhook_id
    on conflict do nothing returning event_id
  )
  insert into webhook_events (event_id, received_at, time, source, webhook_id, type, traceparent, body)
  select event_id, to_timestamp(received_ms / 1000), to_timestamp(time_ms / 1000), '${SOURCE}', webhook_id, type,
    traceparent, substring(all_bodies from body_start for body_bytes)
  from given join fresh using (event_id), bodies
  returning event_id`

async function insertEntries(db: Database, entries: readonly JournalEntry[]): Promise<Set<string>> {
  const { bodies, starts, lengths } = joinBodies(entries)
  const rows = await run<{ event_id: string }>(db, 'journal-insert', insertSql, [
    entries.map((entry) => entry.webhookId),
    entries.map((entry) => entry.eventId),
    starts,
    lengths,
    entries.map((entry) => entry.type),
    entries.map((entry) => timeOfId(entry.eventId).getTime()),
    entries.map((entry) => entry.time.getTime()),
    entries.map((entry) => entry.traceparent),
    bodies,
  ])
  return new Set(rows.map((row) => row.event_id))
}

/** By the event id that was given. A statement of its own, so that it sees what others committed meanwhile. */
async function compareWithStored(db: Database, entries: readonly JournalEntry[]): Promise<Map<string, Appended>> {
  const { bodies, starts, lengths } = joinBodies(entries)
  const rows = await run<{ given_id: string; event_id: string; is_same: boolean }>(
    db,
    'journal-compare',
    `select given.given_id, stored.event_id,
       stored.body_sha256 = sha256(substring(?::bytea from body_start for body_bytes)) as is_same
     from unnest(?::text[], ?::uuid[], ?::int[], ?::int[]) as given (webhook_id, given_id, body_start, body_bytes)
     join idempotency_keys stored on stored.source = '${SOURCE}' and stored.webhook_id = given.webhook_id`,
    [bodies, entries.map((entry) => entry.webhookId), entries.map((entry) => entry.eventId), starts, lengths],
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
