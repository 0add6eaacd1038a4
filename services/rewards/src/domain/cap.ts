import { type Interval, intervalStart } from './calendar.ts'
import type { Beneficiary } from './rule.ts'

export type CapScope = 'user' | 'rule' | 'referral'

/** A bound on what a rule gives: to each user, over each referral, or in all; in each day or month, or for ever. */
export type Cap = Readonly<{ per: CapScope; interval: Interval }> &
  (Readonly<{ amount: bigint; count: null }> | Readonly<{ amount: null; count: number }>)

/** Names a counter. A rule's versions share its counters, so that a new version does not give everything again. */
export type CapKey = Readonly<{
  ruleId: string
  per: CapScope
  interval: Interval
  /** The user's id or the referral's; empty for the rule. */
  subject: string
  periodStartMs: number
}>

/** What was given under a counter. */
export type CapUse = Readonly<{ amount: bigint; count: number }>

/** What is added to a counter, and the bounds it was added under; of one kind each, null for none. */
export type CapSpending = Readonly<{ key: CapKey; use: CapUse; capAmount: bigint | null; capCount: number | null }>

/** One cap asked: what was used before, and of how much. */
export type CapTrace = Readonly<{
  per: CapScope
  interval: Interval
  periodStart: string
  of: 'amount' | 'count'
  used: number
  cap: number
}>

/** Reads a counter; what nobody has spent under is zero. */
export type UseOf = (key: string) => CapUse

export const noUse: CapUse = Object.freeze({ amount: 0n, count: 0 })

/** For whom and when a reward is. */
export type Capped = Readonly<{
  ruleId: string
  beneficiary: Beneficiary
  userId: string
  referralId: string
  timeMs: number
  caps: readonly Cap[]
  timeZone: string
}>

/** A counter's key as one text, for maps. */
export const textOf = ({ ruleId, per, interval, subject, periodStartMs }: CapKey): string =>
  `${ruleId}/${per}/${interval}/${subject}/${periodStartMs}`

/** The counters that a reward is counted in, each once. */
export function capKeysOf({
  ruleId,
  userId,
  referralId,
  timeMs,
  caps,
  timeZone,
}: Omit<Capped, 'beneficiary'>): CapKey[] {
  const keys: CapKey[] = []
  for (const { per, interval } of caps) {
    if (keys.some((key) => key.per === per && key.interval === interval)) continue
    const subject = per === 'rule' ? '' : per === 'user' ? userId : referralId
    keys.push({ ruleId, per, interval, subject, periodStartMs: intervalStart(interval, timeMs, timeZone) })
  }
  return keys
}

export type CapAnswer = Readonly<{ granted: bigint; trace: readonly CapTrace[]; spendings: readonly CapSpending[] }>

/**
 * How much of `amount` the caps leave. A cap in money grants what is left of it, if that is a minor unit or more; a cap
 * in rewards grants a whole reward or none. 0 is granted as soon as one cap has nothing left, and nothing is spent then.
 */
export function askCaps(capped: Omit<Capped, 'beneficiary'>, amount: bigint, useOf: UseOf): CapAnswer {
  if (capped.caps.length === 0) return { granted: amount, trace: [], spendings: [] }
  const trace: CapTrace[] = []
  const asked = capKeysOf(capped).map((key) => ({ key, caps: capped.caps.filter((cap) => isUnder(cap, key)) }))
  let granted = amount
  for (const { key, caps } of asked) {
    const used = useOf(textOf(key))
    const { per, interval } = key
    const periodStart = new Date(key.periodStartMs).toISOString()
    for (const { amount: most, count } of caps) {
      if (most === null) {
        trace.push({ per, interval, periodStart, of: 'count', used: used.count, cap: count })
        if (used.count >= count) granted = 0n
      } else {
        trace.push({ per, interval, periodStart, of: 'amount', used: Number(used.amount), cap: Number(most) })
        const left = most - used.amount
        if (left < granted) granted = left
      }
    }
  }
  if (granted <= 0n) return { granted: 0n, trace, spendings: [] }
  const use = { amount: granted, count: 1 }
  const spendings = asked.map(({ key, caps }): CapSpending => {
    const capAmount = caps.reduce<bigint | null>((least, cap) => lesser(least, cap.amount), null)
    return { key, use, capAmount, capCount: caps.reduce<number | null>((least, cap) => lesser(least, cap.count), null) }
  })
  return { granted, trace, spendings }
}

const isUnder = (cap: Cap, { per, interval }: CapKey): boolean => cap.per === per && cap.interval === interval

function lesser<N extends bigint | number>(one: N | null, other: N | null): N | null {
  if (one === null || other === null) return one ?? other
  return one < other ? one : other
}

/** A counter after one more reward. */
export function afterSpending(used: CapUse, { use }: CapSpending): CapUse {
  return { amount: used.amount + use.amount, count: used.count + use.count }
}

/** What a reversal gives back: its amount, and the reward's one place once nothing of the reward is left. */
export function returnOf(reversed: bigint, remaining: bigint): CapUse {
  return { amount: reversed, count: remaining === 0n ? 1 : 0 }
}
