import { minAmount, percentOf, proportionOf } from '@tributary/money'
import type { Rate } from './rate.ts'
import type { RuleTerms } from './rule.ts'

/** What a reversal needs: the rate that was pinned on the reward, never today's, whatever the rule or its tiers say by now. */
export type PinnedTerms = Pick<RuleTerms, 'minimumAmount'> & Readonly<{ reward: Rate }>

/** A reward that a payment earned, with what was taken back of it so far. */
export type Reversible = Readonly<{ granted: bigint; reversed: bigint; terms: PinnedTerms }>

/**
 * How much of a reward is left once `refunded` of the payment went back.
 *
 *   percent   the share of what is left of the payment, rounded down
 *   fixed     in proportion to what is left of the payment, rounded down; all is gone with the whole payment
 *   both      nothing once what is left is below the rule's minimum: the rule would not have given anything for it
 */
export function keptOf({ granted, terms }: Reversible, paid: bigint, refunded: bigint): bigint {
  if (refunded <= 0n) return granted
  const left = paid - minAmount(refunded, paid)
  if (terms.minimumAmount !== null && left < terms.minimumAmount) return 0n
  if (terms.reward.kind === 'fixed') return proportionOf(granted, left, paid)
  return minAmount(granted, percentOf(left, terms.reward.basisPoints))
}

/**
 * How much more of a reward to take back: the target for everything refunded so far, less what was taken already.
 * A function of the total alone, so the order and number of refunds make no difference.
 */
export function reversalDue(reward: Reversible, paid: bigint, refunded: bigint): bigint {
  const target = reward.granted - keptOf(reward, paid, refunded)
  return target > reward.reversed ? target - reward.reversed : 0n
}
