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
 * The highest revision counts, in whichever order they arrive. Failing takes back all that is left; that is final:
 * a later revision that passes lets nothing through, since nothing is left.
 */
export function decideScreening(
  reward: ScreenedReward,
  screening: Exclude<ScreeningState, 'waiting'>,
  revision: number,
): ScreeningDecision {
  if (revision <= reward.revision) return { kind: 'outdated' }
  const reversed = screening === 'failed' ? reward.granted - reward.reversed : 0n
  return { kind: 'noted', reversed, next: { ...reward, screening, revision, reversed: reward.reversed + reversed } }
}

export const rewardStatuses = ['pending', 'held', 'available', 'reversed'] as const
export type RewardStatus = (typeof rewardStatuses)[number]

/** Where a reward stands, as people are told. */
export function statusOf(reward: ScreenedReward & { released: boolean }): RewardStatus {
  if (reward.reversed >= reward.granted) return 'reversed'
  if (reward.released) return 'available'
  return reward.screening === 'held' || reward.screening === 'failed' ? 'held' : 'pending'
}
