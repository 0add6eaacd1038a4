import { isAmount, percentOf } from '@tributary/money'

/** A share of the event's amount, rounded down, or a sum in the rule's currency. */
export type Rate = Readonly<{ kind: 'percent'; basisPoints: number }> | Readonly<{ kind: 'fixed'; amount: bigint }>

/** From so many conversions, or from that amount, this rate holds for the whole of the event. */
export type Tier = Readonly<{ from: bigint; rate: Rate }>

/** What a rule gives: one rate, or a rate by tier. Tiers ascend. */
export type Reward = Rate | Readonly<{ kind: 'tiers'; by: 'conversions' | 'amount'; tiers: readonly Tier[] }>

/** What tiers are chosen by. `conversions` counts the event's own, where it makes one. */
export type TierInput = Readonly<{ amount: bigint | null; conversions: number }>

/** The number that a reward's tiers are compared with; null where the event has no amount. */
export function tierNumber(by: 'conversions' | 'amount', { amount, conversions }: TierInput): bigint | null {
  return by === 'conversions' ? BigInt(conversions) : amount
}

/** The rate that holds for an event; null below the first tier. */
export function rateOf(reward: Reward, input: TierInput): Rate | null {
  if (reward.kind !== 'tiers') return reward
  const reached = tierNumber(reward.by, input)
  if (reached === null) return null
  return reward.tiers.findLast(({ from }) => from <= reached)?.rate ?? null
}

/** What a rate comes to; 0 where there is no amount to take a share of. */
export function amountAt(rate: Rate, amount: bigint | null): bigint {
  if (rate.kind === 'fixed') return rate.amount
  return amount === null ? 0n : percentOf(amount, rate.basisPoints)
}

/** Why a sum cannot be a reward; null where it can. */
export function refusalOf(amount: bigint): string | null {
  if (isAmount(amount)) return null
  return amount <= 0n ? 'amount_too_small' : 'amount_too_large'
}

/** Whether any of its rates is a share of the event's amount. */
export function asksForAmount(reward: Reward): boolean {
  if (reward.kind !== 'tiers') return reward.kind === 'percent'
  return reward.by === 'amount' || reward.tiers.some(({ rate }) => rate.kind === 'percent')
}
