import type { Consumer } from '@tributary/messaging'
import { onConfigChanged } from '@tributary/service-kit'
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
import { onRewardTallied } from './messages/reward.tallied.ts'
import type { LedgerMetrics } from './metrics.ts'

/** Everything that the ledger hears. Earnings first, so that what builds on one finds it when both come in one batch. */
export function ledgerConsumers(metrics: LedgerMetrics): readonly Consumer[] {
  const rewards = [onRewardEarned, onRewardHeld, onRewardReleased, onRewardResumed, onRewardReversed]
  const cashouts = [
    onCashoutRequested,
    onCashoutPaid,
    onCashoutFailed,
    onCashoutRejected,
    onCashoutCancelled,
    onCashoutReturned,
  ]
  return [...[...rewards, ...cashouts].map((on) => on(metrics)), onRewardTallied, onConfigChanged]
}
