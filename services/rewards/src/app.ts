import {
  decisionRecorded,
  memberCreated,
  referralConverted,
  referralCreated,
  rewardEarned,
  rewardReleased,
  rewardReversed,
  rewardTallied,
} from '@tributary/contracts'
import type { Service } from '@tributary/service-kit'
import type { RewardsConfig } from './config.ts'
import { activateRule } from './http/activate-rule.ts'
import { createReferralCode } from './http/create-referral-code.ts'
import { createRule } from './http/create-rule.ts'
import { createRuleVersion } from './http/create-rule-version.ts'
import { createUser } from './http/create-user.ts'
import { getReferralCode } from './http/get-referral-code.ts'
import { getReward } from './http/get-reward.ts'
import { getRule } from './http/get-rule.ts'
import { getUser } from './http/get-user.ts'
import { listDecisions } from './http/list-decisions.ts'
import { listReferrals } from './http/list-referrals.ts'
import { listRewards } from './http/list-rewards.ts'
import { listRules } from './http/list-rules.ts'
import { listUsers } from './http/list-users.ts'
import { retireRule } from './http/retire-rule.ts'
import { simulateRules } from './http/simulate-rules.ts'
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
import { onUserRegistered } from './messages/user.registered.ts'
import { newDecisionCounter } from './metrics.ts'

export { configShape } from './config.ts'

const people = [createUser, getUser, listUsers, createReferralCode, getReferralCode, listReferrals]
const rules = [createRule, listRules, getRule, createRuleVersion, activateRule, retireRule, simulateRules]

/** Decides who earns what: users, codes, referrals, rules, rewards, and why. */
export function rewards(config: RewardsConfig): Service {
  const { instrument, counted } = newDecisionCounter()
  return {
    name: 'rewards',
    routes: [...people, ...rules, listRewards, getReward, listDecisions],
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
    ],
    publishes: [
      memberCreated,
      referralCreated,
      referralConverted,
      rewardEarned,
      rewardReleased,
      rewardReversed,
      rewardTallied,
      decisionRecorded,
    ],
    jobs: [releaseMaturedRewards(config.REWARDS_RELEASE_EVERY_MS), settleWaitingEvents, tallyTransactions],
    instrument,
  }
}
