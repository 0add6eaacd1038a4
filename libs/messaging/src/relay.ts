import type { Session } from '@tributary/database'
import { backoff, type Clockwork, pacer } from './backoff.ts'
import { BrokerGone, type PublishLink } from './broker.ts'
import { type Backlog, findOldestWriter, measureBacklog, type Writer } from './relay-backlog.ts'
import { type Fetch, fetchRows, parkUnreadable, type Ready, type Unreadable } from './relay-rows.ts'
import { type Cursor, type RelayStream, streamSql } from './relay-stream.ts'

/** The outbox as a stream; every service has it. */
export const outboxStream: RelayStream = {
  name: 'outbox',
  table: 'outbox',
  columns: `e.message_id, e.subject, e.type, e.time, e.correlation_id, e.causation_id, e.traceparent, e.payload, e.destination`,
}

export type RelayMetrics = Readonly<{
  published(result: 'confirmed' | 'refused' | 'returned' | 'unreadable', count: number): void
  backlog(stream: string, backlog: Backlog): void
}>

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
  /** A row was parked instead of published. */
  onUnreadable(unreadable: Unreadable): void
  onError(error: unknown): void
  now: () => Date
  newId: () => string
}>

export type Relay = Readonly<{
  /** Name of its stream. */
  name: string
  wake(): void
  stop(): Promise<void>
}>

/**
 * How long to sleep when there is nothing to send: short after a busy turn, since a commit of another process wakes
 * nobody here. A second at rest: every poll of six idle services is paid for by a machine that does nothing else.
 */
const BUSY_POLL_MS = 50
const IDLE_POLL_MS = 1_000
const MEASURE_EVERY_MS = 5_000
const STANDBY_MS = 1_000
/** Longer than any write transaction of ours may last. */
const GUARD_WARNING_SECONDS = 1
/** So many rows one after another that cannot be read are no rows' fault: rather stop, and say so, than park them all. */
const UNREADABLE_IN_A_ROW_MAX = 100

/**
 * Carries a stream to the broker, in commit order, at least once. One process at a time does it (a session lock);
 * the others stand by. Rows are never touched: a checkpoint remembers the last one that the broker confirmed.
 * The cursor is (transaction id, number), and rows of transactions that might still be followed by an earlier one
 * are left for later: numbers alone are handed out before the commit, and a late commit would be skipped for ever.
 */
export function startRelay(options: RelayOptions): Relay {
  const run: Run = { options, stopping: new AbortController(), nudge: new AbortController(), unreadableInARow: 0 }
  const running = keepLeading(run)
  return {
    name: options.stream.name,
    // With a reason: without one, Node makes an error with its stack for each commit.
    wake: () => run.nudge.abort('woken'),
    async stop() {
      run.stopping.abort()
      run.nudge.abort()
      await running
    },
  }
}

/** One relay while it runs. `nudge` is aborted to wake it, and then replaced. */
type Run = {
  readonly options: RelayOptions
  readonly stopping: AbortController
  nudge: AbortController
  unreadableInARow: number
}

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
  const { clockwork, stream, source, batchMax } = options
  const fetch: Fetch = { stream, sql: streamSql(stream), source, batchMax }
  let cursor = await loadCheckpoint(session, stream.name)
  let pollMs = BUSY_POLL_MS
  let measuredAt = Number.NEGATIVE_INFINITY
  const delays = backoff({ firstMs: 50, maxMs: 5_000 })
  const pace = pacer(clockwork)
  stopping.signal.addEventListener('abort', () => pace.hurry())
  let moreWaits = false
  while (!stopping.signal.aborted) {
    if (!moreWaits) await pace.gather()
    if (clockwork.monotonicMs() - measuredAt > MEASURE_EVERY_MS) {
      measuredAt = clockwork.monotonicMs()
      const backlog = await measureBacklog(session, stream, cursor)
      options.metrics.backlog(stream.name, backlog)
      if (backlog.guardSeconds > GUARD_WARNING_SECONDS)
        options.onHeldBack(await findOldestWriter(session), backlog.guardSeconds)
    }
    const { nudge } = run
    const { ready, unreadable, more } = await fetchRows(session, fetch, cursor)
    moreWaits = more
    pace.found(ready.length)
    if (unreadable !== null) {
      await pass(run, session, unreadable)
      cursor = unreadable.cursor
      continue
    }
    if (ready.length === 0) {
      await clockwork.wait(pollMs, nudge.signal)
      if (nudge.signal.aborted) run.nudge = new AbortController()
      pollMs = nudge.signal.aborted ? BUSY_POLL_MS : Math.min(pollMs * 2, IDLE_POLL_MS)
      continue
    }
    pollMs = BUSY_POLL_MS
    const sent = await sendPrefix(run, ready)
    if (sent > 0) {
      run.unreadableInARow = 0
      cursor = ready[sent - 1]!.cursor
      await saveCheckpoint(session, stream.name, cursor)
    }
    if (sent === ready.length) delays.reset()
    else await clockwork.wait(delays.next(), stopping.signal)
  }
}

/** Sends the rows; answers how many of them, from the first one on, are confirmed. The others will be sent again. */
async function sendPrefix({ options, stopping }: Run, ready: readonly Ready[]): Promise<number> {
  await options.link.ready(stopping.signal)
  try {
    const confirmations = await options.link.publish(ready.map(({ message }) => message))
    for (const result of ['confirmed', 'refused', 'returned'] as const) {
      const count = confirmations.filter((one) => one === result).length
      if (count > 0) options.metrics.published(result, count)
    }
    const failed = confirmations.findIndex((one) => one !== 'confirmed')
    return failed === -1 ? ready.length : failed
  } catch (error) {
    if (!(error instanceof BrokerGone)) throw error
    return 0
  }
}

/** One row that nobody can read must not hold up all that follow: a person gets it, and the relay goes on. */
async function pass(run: Run, session: Session, unreadable: Unreadable): Promise<void> {
  const { stream, source, metrics, now, newId, onUnreadable } = run.options
  if (run.unreadableInARow >= UNREADABLE_IN_A_ROW_MAX) {
    throw new Error(`stream ${stream.name}: ${run.unreadableInARow} rows in a row cannot be read: ${unreadable.reason}`)
  }
  await parkUnreadable(session, { stream, unreadable, source, id: newId(), now: now() })
  run.unreadableInARow++
  metrics.published('unreadable', 1)
  onUnreadable(unreadable)
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

async function saveCheckpoint(session: Session, stream: string, cursor: Cursor): Promise<void> {
  await session.query({
    name: `checkpoint-${stream}`,
    text: 'update relay_checkpoints set xid = $2::xid8, seq = $3::bigint, updated_at = now() where stream = $1',
    values: [stream, cursor.xid, cursor.seq],
  })
}
