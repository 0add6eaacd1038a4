export type ScreeningState = 'waiting' | 'passed' | 'held' | 'failed'

/** What of a reward a screening can change. */
export type ScreenedReward = Readonly<{
  granted: bigint
  reversed: bigint
  screening: ScreeningState
  /** The highest revision heard of; 0 for none. */
  revision: number
}>

export type ScreeningDecision =
  | Readonly<{ kind: 'outdated' }>
  /** `reversed` is what is taken back because of it. */
  | Readonly<{ kind: 'noted'; reversed: bigint; next: ScreenedReward }>

/**
 * The highest revision counts, in whichever order they arrive. Failing takes back all that is left, and is final: a
 * higher revision that passes lets nothing through, whether it came after the failing one or overtook it.
 */
export function decideScreening(
  reward: ScreenedReward,
  screening: Exclude<ScreeningState, 'waiting'>,
  revision: number,
): ScreeningDecision {
  const reversed = screening === 'failed' ? reward.granted - reward.reversed : 0n
  const next = { ...reward, reversed: reward.reversed + reversed }
  if (revision > reward.revision) return { kind: 'noted', reversed, next: { ...next, screening, revision } }
  return reversed > 0n ? { kind: 'noted', reversed, next } : { kind: 'outdated' }
}

export const rewardStatuses = ['pending', 'held', 'available', 'reversed'] as const
export type RewardStatus = (typeof rewardStatuses)[number]

/** Where a reward stands, as people are told. */
export function statusOf(reward: ScreenedReward & { released: boolean }): RewardStatus {
  if (reward.reversed >= reward.granted) return 'reversed'
  if (reward.released) return 'available'
  return reward.screening === 'held' || reward.screening === 'failed' ? 'held' : 'pending'
}
