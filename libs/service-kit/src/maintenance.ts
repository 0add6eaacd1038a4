import { query } from '@tributary/database'
import type { Metrics } from '@tributary/observability'
import { purgeCommandKeys } from './command-keys.ts'
import type { Job } from './job.ts'

/** A table that is split by time, and how it is kept. */
export type PartitionedTable = Readonly<{
  table: string
  /** By a date column, a timestamptz column by month, or the time in a UUIDv7. */
  kind: 'day' | 'month' | 'uuid-day'
  /** Partitions that stand ready for the time to come. */
  ahead: number
  /** Whole partitions older than this are dropped. Kept for ever without it. */
  keepDays?: number
}>

/**
 * The transport tables of every service. The outbox is kept for three days, to look at; the inbox for as long as an id
 * is accepted (INBOX_WINDOW_DAYS), and a day more.
 */
export function transportTables(inboxWindowDays: number): PartitionedTable[] {
  return [
    { table: 'outbox', kind: 'day', ahead: 7, keepDays: 3 },
    { table: 'inbox', kind: 'uuid-day', ahead: 7, keepDays: inboxWindowDays + 1 },
  ]
}

const HOUR_MS = 3_600_000

/** Makes partitions before they are needed, drops those nobody needs, and forgets old command keys. */
export function keepTables(tables: readonly PartitionedTable[], metrics: Metrics): Job {
  metrics.partitionsAhead.allow({ table: tables.map(({ table }) => table) })
  return {
    name: 'keep-tables',
    everyMs: HOUR_MS,
    async run({ db, now, transaction, signal }) {
      for (const { table, kind, ahead, keepDays } of tables) {
        if (signal.aborted) return false
        const [row] = await query<{ made: number }>(db, 'select ensure_partitions(?, ?, ?) as made', [
          table,
          kind,
          ahead,
        ])
        metrics.partitionsAhead.set({ table }, row?.made ?? 0)
        if (keepDays === undefined) continue
        // By the database's clock, as they are made: a process whose clock is ahead would drop what was just written.
        await query(db, `select drop_partitions_before(?, (now() at time zone 'UTC')::date - ?::int)`, [
          table,
          keepDays,
        ])
      }
      return transaction((tx) => purgeCommandKeys(tx, now()))
    },
  }
}
