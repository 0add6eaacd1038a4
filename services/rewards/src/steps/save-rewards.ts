import { rewardEarned, rewardHeld, rewardResumed, rewardReversed } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { Publish } from '@tributary/messaging'
import type { Currency } from '@tributary/money'
import { spendCaps } from '../store/cap-counters.ts'
import { changeHolds } from '../store/holds.ts'
import { insertRewards, noteScreenings, type Owner, reverseRewards } from '../store/rewards.ts'
import type { Effects } from './effects.ts'
import { returnCapacity } from './return-capacity.ts'

/** Writes what becomes of rewards, one statement a kind, and publishes every movement. */
export async function saveRewards(tx: Transaction, publish: Publish, effects: Effects, now: Date): Promise<void> {
  const { rewards, reversals, holds, screenings } = effects
  if (rewards.length > 0) await insertRewards(tx, rewards, now)
  const spendings = rewards.flatMap((reward) => reward.spendings)
  if (spendings.length > 0) await spendCaps(tx, spendings)
  for (const reward of rewards) {
    const { id, transactionId, userId, beneficiary, ruleId, ruleVersion, cause, because } = reward
    const money = { amount: reward.granted, currency: reward.currency as Currency }
    const dueAt = reward.dueAt.toISOString()
    const data = { rewardId: id, transactionId, userId, ...money, beneficiary, ruleId, ruleVersion, cause, dueAt }
    publish(rewardEarned, { data, because, time: reward.earnedAt })
  }
  if (screenings.length > 0) await noteScreenings(tx, screenings)
  if (reversals.length > 0) {
    sayReversed(publish, reversals, await reverseRewards(tx, reversals, now))
    await returnCapacity(tx, reversals, now)
  }
  if (holds.length > 0) sayHeld(publish, holds, await changeHolds(tx, holds, now))
}

function sayReversed(publish: Publish, reversals: Effects['reversals'], owners: ReadonlyMap<string, Owner>): void {
  for (const { rewardId, transactionId, amount, reason, effectiveAt, because } of reversals) {
    const { userId, currency } = owners.get(rewardId)!
    const data = { rewardId, transactionId, userId, amount, currency: currency as Currency, reason }
    publish(rewardReversed, { data, because, time: effectiveAt })
  }
}

function sayHeld(publish: Publish, holds: Effects['holds'], owners: ReadonlyMap<string, Owner>): void {
  for (const { rewardId, transactionId, change, reason, effectiveAt, because } of holds) {
    if (change.told === null) continue
    const { kind, amount, sequence } = change.told
    const { userId, currency } = owners.get(rewardId)!
    const data = { rewardId, transactionId, userId, amount, currency: currency as Currency, sequence }
    if (kind === 'held') publish(rewardHeld, { data: { ...data, reason }, because, time: effectiveAt })
    else publish(rewardResumed, { data, because, time: effectiveAt })
  }
}
