import type { Reversal } from './invoice.ts'
import { ignoredFor, processed, type Verdict } from './verdict.ts'

/** What is left of a reward that a payment of a subscription earned by a recurring rule. */
export type RecurringReward = Readonly<{ id: string; left: bigint; paidMs: number }>

/** A subscription as far as its end is concerned. */
export type Subscription = Readonly<{
  /** The earliest end known. */
  cancelledMs: number | null
  rewards: readonly RecurringReward[]
}>

export type CancellationDecision = Readonly<{ verdict: Verdict; reversals: readonly Reversal[] }>

/**
 * Ends a subscription's recurring rewards from a time on. The earliest end counts, in whichever order they arrive: what
 * was earned by payments at that time or later, because they overtook the cancellation, is taken back.
 */
export function decideCancellation(
  subscription: Subscription,
  timeMs: number,
): readonly [CancellationDecision, Subscription] {
  const { cancelledMs, rewards } = subscription
  if (cancelledMs !== null && cancelledMs <= timeMs) {
    return [{ verdict: ignoredFor('subscription_already_cancelled'), reversals: [] }, subscription]
  }
  const ended = rewards.filter(({ left, paidMs }) => left > 0n && paidMs >= timeMs)
  const next = rewards.map((reward) => (ended.includes(reward) ? { ...reward, left: 0n } : reward))
  const reversals = ended.map(({ id, left }) => ({ rewardId: id, amount: left }))
  return [
    { verdict: processed, reversals },
    { cancelledMs: timeMs, rewards: next },
  ]
}
