import {
  decisionRecorded,
  memberCreated,
  memberErased,
  referralConverted,
  referralCreated,
  rewardEarned,
  rewardHeld,
  rewardReleased,
  rewardResumed,
  rewardReversed,
  rewardTallied,
} from '@tributary/contracts'
import { onConfigChanged, type Service } from '@tributary/service-kit'
import type { RewardsConfig } from './config.ts'
import { expireReferralsAfter } from './jobs/expire-referrals.ts'
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
import { routes } from './routes.ts'

export { configShape } from './config.ts'

/** Decides who earns what: users, codes, referrals, rules, rewards, and why. */
export function rewards(config: RewardsConfig): Service {
  const { counted, ...decisions } = newDecisionCounter()
  const refusals = newRefusalGauge()
  const expiresAfter = config.REWARDS_REFERRAL_EXPIRES_AFTER_DAYS
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
    publishes: [
      memberCreated,
      memberErased,
      referralCreated,
      referralConverted,
      rewardEarned,
      rewardHeld,
      rewardReleased,
      rewardResumed,
      rewardReversed,
      rewardTallied,
      decisionRecorded,
    ],
    jobs: [
      releaseMaturedRewards(config.REWARDS_RELEASE_EVERY_MS),
      settleWaitingEvents,
      tallyTransactions,
      ...(expiresAfter === undefined ? [] : [expireReferralsAfter(expiresAfter)]),
    ],
    instrument(metrics) {
      for (const one of [decisions, refusals]) one.instrument(metrics)
    },
    measure: refusals.measure,
  }
}
