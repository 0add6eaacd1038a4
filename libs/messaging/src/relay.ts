import type { Session } from '@tributary/database'
import { backoff, type Clockwork, pacer } from './backoff.ts'
import { BrokerGone, type OutgoingMessage, type PublishLink } from './broker.ts'
import type { Cursor, RelayStream } from './relay-stream.ts'
import { type OutboxRow, toMessage } from './wire.ts'

/** The outbox as a stream; every service has it. */
export const outboxStream: RelayStream = {
  name: 'outbox',
  table: 'outbox',
  // `row` columns keep their types in ORDER BY: a text alias named xid would sort as text, and miss the index.
  sql: `select o.xid::text as xid_text, o.seq::text as seq_text, message_id, subject, type, time, correlation_id,
          causation_id, traceparent, payload, destination
        from outbox o
        where (o.xid, o.seq) > ($1::xid8, $2::bigint) and o.xid < pg_snapshot_xmin(pg_current_snapshot())
        order by o.xid, o.seq limit $3::int`,
}

export type RelayMetrics = Readonly<{
  published(result: 'confirmed' | 'refused' | 'returned', count: number): void
  backlog(stream: string, backlog: Backlog): void
}>

/** What waits: rows not yet published, the age of the oldest, the age of the oldest that an open transaction holds back. */
export type Backlog = Readonly<{ pending: number; oldestSeconds: number; guardSeconds: number; parked: number }>

/** A database connection with a write transaction open, maybe of another service on the same server. */
export type Writer = Readonly<{ pid: number; application: string; database: string }>

export type RelayOptions = Readonly<{
  stream: RelayStream
  /** The service that says it. */
  source: string
  batchMax: number
  openSession: () => Promise<Session>
  link: PublishLink
  clockwork: Clockwork
  metrics: RelayMetrics
  /** Rows wait because a transaction that began before theirs is still open; its writer, if it can be told. */
  onHeldBack(by: Writer | null, seconds: number): void
  onError(error: unknown): void
}>

export type Relay = Readonly<{ wake(): void; stop(): Promise<void> }>

type StreamRow = OutboxRow & { xid_text: string; seq_text: string }

/**
 * How long to sleep when there is nothing to send: short after a busy turn, since a commit of another process wakes
 * nobody here. A second at rest: every poll of six idle services is paid for by a machine that does nothing else.
 */
const BUSY_POLL_MS = 50
const IDLE_POLL_MS = 1_000
const MEASURE_EVERY_MS = 5_000
const STANDBY_MS = 1_000

/**
 * Carries a stream to the broker, in commit order, at least once. One process at a time does it (a session lock);
 * the others stand by. Rows are never touched: a checkpoint remembers the last one that the broker confirmed.
 * The cursor is (transaction id, number), and rows of transactions that might still be followed by an earlier one
 * are left for later: numbers alone are handed out before the commit, and a late commit would be skipped for ever.
 */
export function startRelay(options: RelayOptions): Relay {
  const run: Run = { options, stopping: new AbortController(), nudge: new AbortController() }
  const running = keepLeading(run)
  return {
    wake: () => run.nudge.abort(),
    async stop() {
      run.stopping.abort()
      run.nudge.abort()
      await running
    },
  }
}

/** One relay while it runs. `nudge` is aborted to wake it, and then replaced. */
type Run = { readonly options: RelayOptions; readonly stopping: AbortController; nudge: AbortController }

async function keepLeading(run: Run): Promise<void> {
  const { options, stopping } = run
  const delays = backoff({ firstMs: 200, maxMs: 5_000 })
  while (!stopping.signal.aborted) {
    try {
      await leadUntilLost(run, () => delays.reset())
    } catch (error) {
      options.onError(error)
    }
    if (!stopping.signal.aborted) await options.clockwork.wait(delays.next(), stopping.signal)
  }
}

async function leadUntilLost(run: Run, onLeading: () => void): Promise<void> {
  const { options, stopping } = run
  const session = await options.openSession()
  try {
    // A checkpoint that a crash forgets only sends a few messages again, which inboxes know; so it need not wait for
    // the disk, which would cost each turn one flush.
    await session.query('set synchronous_commit = off')
    while (!(await tryToLead(session, options.stream.name))) {
      await options.clockwork.wait(STANDBY_MS, stopping.signal)
      if (stopping.signal.aborted) return
    }
    onLeading()
    await lead(run, session)
  } finally {
    await session.end().catch(options.onError)
  }
}

async function lead(run: Run, session: Session): Promise<void> {
  const { options, stopping } = run
  const { clockwork, stream } = options
  let cursor = await loadCheckpoint(session, stream.name)
  let pollMs = BUSY_POLL_MS
  let measuredAt = Number.NEGATIVE_INFINITY
  const delays = backoff({ firstMs: 50, maxMs: 5_000 })
  const pace = pacer(clockwork)
  stopping.signal.addEventListener('abort', () => pace.hurry())
  let wasFull = false
  while (!stopping.signal.aborted) {
    if (!wasFull) await pace.gather()
    if (clockwork.monotonicMs() - measuredAt > MEASURE_EVERY_MS) {
      measuredAt = clockwork.monotonicMs()
      await measureBacklog(session, options, cursor)
    }
    const { nudge } = run
    const rows = await fetchRows(session, options, cursor)
    wasFull = rows.length === options.batchMax
    pace.found(rows.length)
    if (rows.length === 0) {
      await clockwork.wait(pollMs, nudge.signal)
      if (nudge.signal.aborted) run.nudge = new AbortController()
      pollMs = nudge.signal.aborted ? BUSY_POLL_MS : Math.min(pollMs * 2, IDLE_POLL_MS)
      continue
    }
    pollMs = BUSY_POLL_MS
    const sent = await sendPrefix(run, rows)
    if (sent > 0) {
      cursor = cursorOf(rows[sent - 1] as StreamRow)
      await saveCheckpoint(session, stream.name, cursor)
    }
    if (sent === rows.length) delays.reset()
    else await clockwork.wait(delays.next(), stopping.signal)
  }
}

/** Sends the rows; answers how many of them, from the first one on, are confirmed. The others will be sent again. */
async function sendPrefix({ options, stopping }: Run, rows: readonly StreamRow[]): Promise<number> {
  await options.link.ready(stopping.signal)
  const messages: OutgoingMessage[] = rows.map((row) => toMessage(row, options.source))
  try {
    const confirmations = await options.link.publish(messages)
    for (const result of ['confirmed', 'refused', 'returned'] as const) {
      const count = confirmations.filter((one) => one === result).length
      if (count > 0) options.metrics.published(result, count)
    }
    const failed = confirmations.findIndex((one) => one !== 'confirmed')
    return failed === -1 ? rows.length : failed
  } catch (error) {
    if (!(error instanceof BrokerGone)) throw error
    return 0
  }
}

async function tryToLead(session: Session, stream: string): Promise<boolean> {
  const { rows } = await session.query<{ leads: boolean }>(
    `select pg_try_advisory_lock(hashtextextended('relay:' || $1, 0)) as leads`,
    [stream],
  )
  return rows[0]?.leads === true
}

async function loadCheckpoint(session: Session, stream: string): Promise<Cursor> {
  const { rows } = await session.query<{ xid: string; seq: string; is_same_system: boolean }>(
    `with fresh as (
       insert into relay_checkpoints (stream, xid, seq, system_identifier)
       select $1, '0', 0, system_identifier from pg_control_system() on conflict do nothing returning *)
     select xid::text, seq::text, c.system_identifier = s.system_identifier as is_same_system
     from (select * from fresh union all select * from relay_checkpoints where stream = $1) c, pg_control_system() s`,
    [stream],
  )
  const row = rows[0]
  if (!row) throw new Error(`the checkpoint of ${stream} could not be read`)
  if (!row.is_same_system) {
    throw new Error(
      `stream ${stream}: the database was restored into another server, whose transaction ids start anew; ` +
        'docs/operations/restored-database.md says how to move the checkpoint',
    )
  }
  return { xid: row.xid, seq: row.seq }
}

async function fetchRows(session: Session, options: RelayOptions, cursor: Cursor): Promise<StreamRow[]> {
  const { rows } = await session.query<StreamRow>({
    // Prepared once a session: the relay asks twice a second even when idle.
    name: `relay-${options.stream.name}`,
    text: options.stream.sql,
    values: [cursor.xid, cursor.seq, options.batchMax],
  })
  return rows
}

const cursorOf = (row: StreamRow): Cursor => ({ xid: row.xid_text, seq: row.seq_text })

async function saveCheckpoint(session: Session, stream: string, cursor: Cursor): Promise<void> {
  await session.query({
    name: `checkpoint-${stream}`,
    text: 'update relay_checkpoints set xid = $2::xid8, seq = $3::bigint, updated_at = now() where stream = $1',
    values: [stream, cursor.xid, cursor.seq],
  })
}

/** Counts at most this many waiting rows: past it the alarm is the same, and counting would cost more than sending. */
const BACKLOG_COUNT_MAX = 100_000

async function measureBacklog(session: Session, options: RelayOptions, cursor: Cursor): Promise<void> {
  const { rows } = await session.query<Backlog>(
    `select count(*)::int as pending,
       coalesce(extract(epoch from now() - min(recorded_at))::float8, 0) as "oldestSeconds",
       coalesce(extract(epoch from now() - min(recorded_at)
         filter (where xid >= pg_snapshot_xmin(pg_current_snapshot())))::float8, 0) as "guardSeconds",
       (select count(*)::int from parked_messages where status = 'parked') as parked
     from (select xid, recorded_at from ${options.stream.table}
           where (xid, seq) > ($1::xid8, $2::bigint) and ${options.stream.only ?? 'true'} order by xid, seq limit ${BACKLOG_COUNT_MAX}) waiting`,
    [cursor.xid, cursor.seq],
  )
  const [backlog] = rows
  if (!backlog) return
  options.metrics.backlog(options.stream.name, backlog)
  if (backlog.guardSeconds > GUARD_WARNING_SECONDS)
    options.onHeldBack(await findOldestWriter(session), backlog.guardSeconds)
}

/** Longer than any write transaction of ours may last. */
const GUARD_WARNING_SECONDS = 1

/** Whoever holds back everything committed since: pg_locks shows its transaction to everyone, pg_stat_activity its name. */
async function findOldestWriter(session: Session): Promise<Writer | null> {
  const { rows } = await session.query<Writer>(
    `select pid, application_name as application, datname as database
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'transactionid' and l.granted and l.mode = 'ExclusiveLock'
     order by age(l.transactionid) desc limit 1`,
  )
  return rows[0] ?? null
}
