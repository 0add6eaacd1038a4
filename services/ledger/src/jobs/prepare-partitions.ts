import { query } from '@tributary/database'
import type { Job } from '@tributary/service-kit'
import type { LedgerMetrics } from '../metrics.ts'

const HOUR_MS = 3_600_000
/** A ledger that is switched off for a season still finds its months when it comes back. */
const MONTHS_AHEAD = 3

/** Makes the months of transfers and entries before they begin. Without its month, an insert fails. */
export function preparePartitions(metrics: LedgerMetrics): Job {
  return {
    name: 'prepare-partitions',
    everyMs: HOUR_MS,
    async run({ db }) {
      const [row] = await query<{ ready: number }>(db, 'select prepare_ledger_partitions(?) as ready', [MONTHS_AHEAD])
      metrics.partitionsAhead(row?.ready ?? 0)
      return false
    },
  }
}
