import type { Consumer } from '@tributary/messaging'
import { onCashoutCancelled } from './messages/cashout.cancelled.ts'
import { onCashoutFailed } from './messages/cashout.failed.ts'
import { onCashoutPaid } from './messages/cashout.paid.ts'
import { onCashoutRejected } from './messages/cashout.rejected.ts'
import { onCashoutRequested } from './messages/cashout.requested.ts'
import { onCashoutReturned } from './messages/cashout.returned.ts'
import { onDecisionRecorded } from './messages/decision.recorded.ts'
import { onMemberErased } from './messages/member.erased.ts'
import { onParked } from './messages/parked.ts'
import { onRewardHeld } from './messages/reward.held.ts'
import { onRewardReleased } from './messages/reward.released.ts'
import { onRewardResumed } from './messages/reward.resumed.ts'
import { onRewardReversed } from './messages/reward.reversed.ts'
import { onScreeningFailed } from './messages/screening.failed.ts'
import { onScreeningHeld } from './messages/screening.held.ts'
import { onTransferPosted } from './messages/transfer.posted.ts'
import { onTransferRefused } from './messages/transfer.refused.ts'

/** What others tell of a sender's event; it is kept as its effects. In the order in which a mixed batch is worked. */
export const ingestConsumers: readonly Consumer[] = [
  onDecisionRecorded,
  onTransferPosted,
  onTransferRefused,
  onParked,
  onMemberErased,
  onCashoutCancelled,
  onCashoutFailed,
  onCashoutPaid,
  onCashoutRejected,
  onCashoutRequested,
  onCashoutReturned,
  onRewardHeld,
  onRewardReleased,
  onRewardResumed,
  onRewardReversed,
  onScreeningFailed,
  onScreeningHeld,
]
