import { changeHold, type Holdable, type HoldChange, leftOf } from './hold.ts'

export type ScreeningState = 'waiting' | 'passed' | 'held' | 'failed'

/** What of a reward a screening can change. */
export type ScreenedReward = Holdable &
  Readonly<{
    screening: ScreeningState
    /** The highest revision heard of; 0 for none. */
    revision: number
  }>

export type ScreeningDecision =
  | Readonly<{ kind: 'outdated' }>
  /** `reversed` is what is taken back because of it, `hold` what becomes of fraud's hold. */
  | Readonly<{ kind: 'noted'; reversed: bigint; hold: HoldChange | null; next: ScreenedReward }>

/**
 * The highest revision counts, in whichever order they arrive, and fraud's hold stands while that one says so. Failing
 * takes back all that is left, and is final: a higher revision that passes lets nothing through, whether it came after
 * the failing one or overtook it.
 */
export function decideScreening(
  reward: ScreenedReward,
  screening: Exclude<ScreeningState, 'waiting'>,
  revision: number,
): ScreeningDecision {
  const reversed = screening === 'failed' ? leftOf(reward) : 0n
  const after = { ...reward, reversed: reward.reversed + reversed }
  if (revision <= reward.revision) {
    return reversed > 0n ? { kind: 'noted', reversed, hold: null, next: after } : { kind: 'outdated' }
  }
  const [hold, next] = changeHold({ ...after, screening, revision }, 'fraud', screening === 'held')
  return { kind: 'noted', reversed, hold, next }
}

export const rewardStatuses = ['pending', 'held', 'available', 'reversed', 'refused'] as const
export type RewardStatus = (typeof rewardStatuses)[number]

/** Where a reward stands, as people are told. */
export function statusOf(reward: Omit<Holdable, 'holdSequence'> & { released: boolean }): RewardStatus {
  if (reward.refusal !== null) return 'refused'
  if (reward.reversed >= reward.granted) return 'reversed'
  if (reward.holds.length > 0) return 'held'
  return reward.released ? 'available' : 'pending'
}
