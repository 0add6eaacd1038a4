import type { Transaction } from '@tributary/database'
import { capKeysOf, returnOf } from '../domain/cap.ts'
import { returnToCaps } from '../store/cap-counters.ts'
import { listCappedRewards } from '../store/capped-rewards.ts'
import { insertReturns } from '../store/occasions.ts'
import type { NewReversal } from '../store/rewards.ts'

/**
 * Gives back to caps what was taken back of rewards, for later events: what was refused before stays refused. Called
 * after the rewards are written. Where no rule has caps it asks one question and does nothing.
 */
export async function returnCapacity(
  tx: Transaction,
  reversals: readonly Pick<NewReversal, 'rewardId' | 'amount' | 'eventId' | 'effectiveAt'>[],
  now: Date,
): Promise<void> {
  const taken = new Map<string, { amount: bigint; eventId: string; at: Date }>()
  for (const { rewardId, amount, eventId, effectiveAt } of reversals) {
    taken.set(rewardId, { amount: amount + (taken.get(rewardId)?.amount ?? 0n), eventId, at: effectiveAt })
  }
  const rewards = await listCappedRewards(tx, [...taken.keys()])
  if (rewards.length === 0) return
  const returns = rewards.map((reward) => ({ ...reward, ...taken.get(reward.rewardId)! }))
  await returnToCaps(
    tx,
    returns.flatMap((one) => capKeysOf(one).map((key) => ({ key, use: returnOf(one.amount, one.remaining) }))),
  )
  await insertReturns(tx, returns, now)
}
