import { transferPosted, transferRefused } from '@tributary/contracts'
import type { Service } from '@tributary/service-kit'
import { createVerification } from './http/create-verification.ts'
import { getBalance } from './http/get-balance.ts'
import { getLatestVerification } from './http/get-latest-verification.ts'
import { getTransfer } from './http/get-transfer.ts'
import { getTrialBalance } from './http/get-trial-balance.ts'
import { listEntries } from './http/list-entries.ts'
import { listTransfers } from './http/list-transfers.ts'
import { preparePartitions } from './jobs/prepare-partitions.ts'
import { verifyBooksDaily } from './jobs/verify-books.ts'
import { onCashoutCancelled } from './messages/cashout.cancelled.ts'
import { onCashoutFailed } from './messages/cashout.failed.ts'
import { onCashoutPaid } from './messages/cashout.paid.ts'
import { onCashoutRejected } from './messages/cashout.rejected.ts'
import { onCashoutRequested } from './messages/cashout.requested.ts'
import { onCashoutReturned } from './messages/cashout.returned.ts'
import { onRewardEarned } from './messages/reward.earned.ts'
import { onRewardHeld } from './messages/reward.held.ts'
import { onRewardReleased } from './messages/reward.released.ts'
import { onRewardResumed } from './messages/reward.resumed.ts'
import { onRewardReversed } from './messages/reward.reversed.ts'
import { newLedgerMetrics } from './metrics.ts'

export { configShape } from './config.ts'

/** Keeps every cent: double entry, balances now and at any past instant, and the proof that they are right. */
export function ledger(): Service {
  const metrics = newLedgerMetrics()
  return {
    name: 'ledger',
    routes: [
      getBalance,
      listEntries,
      getTransfer,
      listTransfers,
      getTrialBalance,
      createVerification(metrics),
      getLatestVerification,
    ],
    // Earnings first, so that what builds on one finds it when both come in one batch.
    consumes: [
      onRewardEarned,
      onRewardHeld,
      onRewardReleased,
      onRewardResumed,
      onRewardReversed,
      onCashoutRequested,
      onCashoutPaid,
      onCashoutFailed,
      onCashoutRejected,
      onCashoutCancelled,
      onCashoutReturned,
    ].map((on) => on(metrics)),
    publishes: [transferPosted, transferRefused],
    jobs: [preparePartitions(metrics), verifyBooksDaily(metrics)],
    instrument: metrics.instrument,
  }
}
