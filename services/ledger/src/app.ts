import { transferPosted, transferRefused } from '@tributary/contracts'
import type { Service } from '@tributary/service-kit'
import { preparePartitions } from './jobs/prepare-partitions.ts'
import { onRewardEarned } from './messages/reward.earned.ts'
import { onRewardReleased } from './messages/reward.released.ts'
import { onRewardReversed } from './messages/reward.reversed.ts'
import { newLedgerMetrics } from './metrics.ts'

/** Keeps every cent: double entry, balances now and at any past instant, and the proof that they are right. */
export function ledger(): Service {
  const metrics = newLedgerMetrics()
  return {
    name: 'ledger',
    routes: [],
    // Earnings first, so that what builds on one finds it when both come in one batch.
    consumes: [onRewardEarned(metrics), onRewardReleased(metrics), onRewardReversed(metrics)],
    publishes: [transferPosted, transferRefused],
    jobs: [preparePartitions(metrics)],
    instrument: metrics.instrument,
  }
}
