import { onConfigChanged, type Service } from '@tributary/service-kit'
import type { RewardsConfig } from './config.ts'
import { expireReferralsInTime } from './jobs/expire-referrals.ts'
import { releaseMaturedRewards } from './jobs/release-matured-rewards.ts'
import { settleWaitingEvents } from './jobs/settle-waiting-events.ts'
import { tallyTransactions } from './jobs/tally-transactions.ts'
import { onCustomEvent } from './messages/custom.ts'
import { onPaymentDisputed } from './messages/payment.disputed.ts'
import { onPaymentRefunded } from './messages/payment.refunded.ts'
import { onScreeningFailed } from './messages/screening.failed.ts'
import { onScreeningHeld } from './messages/screening.held.ts'
import { onScreeningPassed } from './messages/screening.passed.ts'
import { onSubscriptionCancelled } from './messages/subscription.cancelled.ts'
import { onSubscriptionPaid } from './messages/subscription.paid.ts'
import { onTransferRefused } from './messages/transfer.refused.ts'
import { onUserRegistered } from './messages/user.registered.ts'
import { newDecisionCounter, newRefusalGauge } from './metrics.ts'
import { publishes } from './publishes.ts'
import { routes } from './routes.ts'

export { configShape } from './config.ts'

/** Decides who earns what: users, codes, referrals, rules, rewards, and why. */
export function rewards(config: RewardsConfig): Service {
  const { counted, ...decisions } = newDecisionCounter()
  const refusals = newRefusalGauge()
  return {
    name: 'rewards',
    routes,
    consumes: [
      counted(onUserRegistered),
      counted(onSubscriptionPaid),
      counted(onCustomEvent),
      counted(onPaymentRefunded),
      counted(onPaymentDisputed),
      counted(onSubscriptionCancelled),
      onScreeningPassed,
      onScreeningHeld,
      onScreeningFailed,
      onTransferRefused,
      onConfigChanged,
    ],
    publishes,
    jobs: [
      releaseMaturedRewards(config.REWARDS_RELEASE_EVERY_MS),
      settleWaitingEvents,
      tallyTransactions,
      expireReferralsInTime,
    ],
    instrument(metrics) {
      for (const one of [decisions, refusals]) one.instrument(metrics)
    },
    measure: refusals.measure,
  }
}
