import { classify, type Session } from '@tributary/database'
import type { OutgoingMessage } from './broker.ts'
import type { Cursor, RelayStream, StreamSql } from './relay-stream.ts'
import { type OutboxRow, toMessage } from './wire.ts'

/** A row ready to be sent. */
export type Ready = Readonly<{ cursor: Cursor; message: OutgoingMessage }>

/** The next rows; or none, and the one at their head that cannot be read. Then and where the batch is full, more wait. */
export type Fetched = Readonly<{ ready: readonly Ready[]; unreadable: Unreadable | null; more: boolean }>
export type Unreadable = Readonly<{ cursor: Cursor; reason: string }>

export type Fetch = Readonly<{ stream: RelayStream; sql: StreamSql; source: string; batchMax: number }>

type StreamRow = OutboxRow & { xid_text: string; seq_text: string }

/**
 * Reads the rows after the cursor. One that cannot be read fails the statement for all of them; then each is read by
 * itself, and those before it are answered first.
 */
export async function fetchRows(session: Session, fetch: Fetch, cursor: Cursor): Promise<Fetched> {
  const { stream, sql, batchMax } = fetch
  const values = [cursor.xid, cursor.seq, batchMax]
  let rows: StreamRow[]
  try {
    // Prepared once a session: the relay asks twice a second even when idle.
    rows = (await session.query<StreamRow>({ name: `relay-${stream.name}`, text: sql.batch, values })).rows
  } catch (error) {
    if (classify(error) !== 'data') throw error
    return await fetchOneByOne(session, fetch, values)
  }
  const ready: Ready[] = []
  for (const row of rows) {
    const read = toReady(row, fetch)
    if ('reason' in read) return endAt(read, ready)
    ready.push(read)
  }
  return { ready, unreadable: null, more: ready.length === batchMax }
}

async function fetchOneByOne(session: Session, fetch: Fetch, values: readonly unknown[]): Promise<Fetched> {
  const ready: Ready[] = []
  const places = await session.query<StreamRow>(fetch.sql.places, [...values])
  for (const place of places.rows) {
    const read = await fetchOne(session, fetch, cursorOf(place))
    if (read === null) continue
    if ('reason' in read) return endAt(read, ready)
    ready.push(read)
  }
  return { ready, unreadable: null, more: ready.length === fetch.batchMax }
}

async function fetchOne(session: Session, fetch: Fetch, cursor: Cursor): Promise<Ready | Unreadable | null> {
  try {
    const { rows } = await session.query<StreamRow>(fetch.sql.row, [cursor.xid, cursor.seq])
    return rows[0] === undefined ? null : toReady(rows[0], fetch)
  } catch (error) {
    if (classify(error) !== 'data') throw error
    return { cursor, reason: (error as Error).message }
  }
}

function toReady(row: StreamRow, { source }: Fetch): Ready | Unreadable {
  const cursor = cursorOf(row)
  if (row.payload === null) return { cursor, reason: 'there is nothing to publish in it' }
  try {
    return { cursor, message: toMessage(row, source) }
  } catch (error) {
    return { cursor, reason: (error as Error).message }
  }
}

const endAt = (unreadable: Unreadable, before: readonly Ready[]): Fetched =>
  before.length > 0 ? { ready: before, unreadable: null, more: true } : { ready: [], unreadable, more: true }

const cursorOf = (row: StreamRow): Cursor => ({ xid: row.xid_text, seq: row.seq_text })

export type Passing = Readonly<{ stream: RelayStream; unreadable: Unreadable; id: string; source: string; now: Date }>

/** Parks a row that cannot be read, for a person, and moves the checkpoint past it: both or neither. */
export async function parkUnreadable(session: Session, passing: Passing): Promise<void> {
  const { stream, unreadable, id, source, now } = passing
  const { xid, seq } = unreadable.cursor
  await session.query(
    `with passed as (
       update relay_checkpoints set xid = $2::xid8, seq = $3::bigint, updated_at = now() where stream = $1 returning stream)
     insert into parked_messages (id, type, source, payload, reason, attempts, parked_at)
     select $4::uuid, stream, $5::text, convert_to($6::text, 'UTF8'), $7::text, 1, $8::timestamptz from passed`,
    [
      stream.name,
      xid,
      seq,
      id,
      source,
      JSON.stringify({ table: stream.table, xid, seq }),
      `the relay cannot read this row of ${stream.table}: ${unreadable.reason}`.slice(0, 500),
      now,
    ],
  )
}
