/** Whose hold it is: fraud and people have one on a reward at most, every dispute has its own. */
export type Hold = 'fraud' | 'person' | `dispute:${string}`

/** What of a reward a hold depends on. */
export type Holdable = Readonly<{
  granted: bigint
  reversed: bigint
  /** Why the ledger refused to know of it; null for almost all. */
  refusal: string | null
  /** Those that stand; the reward is held while there are any. */
  holds: readonly Hold[]
  /** How often the reward went from free to held or back, as others were told. */
  holdSequence: number
}>

/** A hold that was placed or lifted. */
export type HoldChange = Readonly<{
  hold: Hold
  action: 'placed' | 'lifted'
  /** What others are told: only of the first and the last hold, and while anything is left of the reward. */
  told: Readonly<{ kind: 'held' | 'resumed'; amount: bigint; sequence: number }> | null
  /** The holds that stand from now on. */
  holds: readonly Hold[]
}>

/** How much of a reward there still is to release, hold or take back. */
export const leftOf = ({ granted, reversed, refusal }: Pick<Holdable, 'granted' | 'reversed' | 'refusal'>): bigint =>
  refusal === null ? granted - reversed : 0n

/** Lets a hold on a reward stand, or no longer. Null where it is so already; lifting one never lifts another. */
export function changeHold<R extends Holdable>(
  reward: R,
  hold: Hold,
  stands: boolean,
): readonly [HoldChange | null, R] {
  if (reward.holds.includes(hold) === stands) return [null, reward]
  const holds = stands ? [...reward.holds, hold] : reward.holds.filter((one) => one !== hold)
  const left = leftOf(reward)
  const isTold = holds.length + reward.holds.length === 1 && left > 0n
  const sequence = reward.holdSequence + 1
  const told = { kind: stands ? 'held' : 'resumed', amount: left, sequence } as const
  const change = { hold, action: stands ? 'placed' : 'lifted', told: isTold ? told : null, holds } as const
  return [change, { ...reward, holds, ...(isTold ? { holdSequence: sequence } : {}) }]
}

/** Whose hold it is, and of which dispute: `dispute:d-1` is the dispute d-1's. */
export function holderOf(hold: Hold): Readonly<{ holder: 'fraud' | 'dispute' | 'person'; reference: string }> {
  if (hold === 'fraud' || hold === 'person') return { holder: hold, reference: '' }
  return { holder: 'dispute', reference: hold.slice('dispute:'.length) }
}
