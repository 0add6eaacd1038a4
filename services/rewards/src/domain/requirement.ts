import type { ConditionInput } from './condition.ts'
import { asksForAmount, rateOf, tierNumber } from './rate.ts'
import { countsAt, type RuleTerms, type RuleVersion } from './rule.ts'

/** What a rule gets to see of an event. */
export type Occasion = Readonly<{
  type: string
  timeMs: number
  amount: bigint | null
  currency: string | null
  referral: Readonly<{ id: string; referrerId: string; refereeId: string }>
  /** When the customer registered. */
  attributedMs: number
  /** How many of the referrer's referrals had converted before the event. */
  conversions: number
  /** Whether the event itself converts its referral. */
  converts: boolean
  /** Null for events that are no payment. */
  invoice: OccasionInvoice | null
  /** The event's data as the sender wrote it. */
  data: Readonly<Record<string, unknown>>
}>

/** `period`: which payment of its subscription it is, from 1. `cancelledMs`: when the subscription ended, if it did. */
export type OccasionInvoice = Readonly<{
  id: string
  subscriptionId: string
  period: number
  cancelledMs: number | null
}>

/** One condition of a rule, with the value seen. */
export type ConditionTrace = Readonly<{
  condition: string
  seen: string | number | null
  needed: string | number
  met: boolean
}>

const DAY_MS = 86_400_000

/** Why a rule gave nothing, by the first condition that was not met. */
export const reasonsByCondition: Readonly<Record<string, string>> = {
  active: 'rule_not_active',
  canary: 'outside_canary',
  validFrom: 'outside_validity',
  validTo: 'outside_validity',
  currency: 'currency_mismatch',
  amount: 'amount_missing',
  minimumAmount: 'below_minimum_amount',
  attributionDays: 'outside_attribution',
  recurring: 'recurrence_ended',
  subscription: 'subscription_cancelled',
  tier: 'below_first_tier',
  condition: 'condition_not_met',
}

type Check = (condition: string, seen: ConditionTrace['seen'], needed: string | number, met: boolean) => void

/** The conditions that the rule sets, in the order in which they are told; each is looked at, also after one has failed. */
export function conditionsOf(
  rule: RuleVersion,
  occasion: Occasion,
  isTried: boolean,
  input: () => ConditionInput,
): ConditionTrace[] {
  const conditions: ConditionTrace[] = []
  const check: Check = (condition, seen, needed, met) => conditions.push({ condition, seen, needed, met })
  const { terms } = rule

  if (!isTried && !countsAt(rule, occasion.timeMs)) {
    check('active', at(occasion.timeMs), rule.activeFromMs === null ? 'never' : at(rule.activeFromMs), false)
  }
  checkTimes(terms, occasion, check)
  checkMoney(terms, occasion, check)
  checkAttribution(terms, occasion, check)
  checkRecurrence(terms, occasion, check)
  if (terms.condition !== null) {
    const { met, seen } = terms.condition.ask(input())
    check('condition', seen, terms.condition.text, met)
  }
  return conditions
}

const at = (timeMs: number): string => new Date(timeMs).toISOString()

function checkTimes({ validFromMs, validToMs }: RuleTerms, { timeMs }: Occasion, check: Check): void {
  if (validFromMs !== null) check('validFrom', at(timeMs), at(validFromMs), timeMs >= validFromMs)
  if (validToMs !== null) check('validTo', at(timeMs), at(validToMs), timeMs < validToMs)
}

function checkAttribution({ attributionDays }: RuleTerms, { timeMs, attributedMs }: Occasion, check: Check): void {
  if (attributionDays === null) return
  const days = (timeMs - attributedMs) / DAY_MS
  check('attributionDays', Math.max(0, Math.floor(days)), attributionDays, days <= attributionDays)
}

function checkMoney(terms: RuleTerms, occasion: Occasion, check: Check): void {
  const { reward, currency, minimumAmount } = terms
  const { amount } = occasion
  if (asksForAmount(reward) && (amount === null || occasion.currency === null)) {
    check('amount', null, 'amount and currency', false)
  }
  if (occasion.currency !== null) check('currency', occasion.currency, currency, occasion.currency === currency)
  if (minimumAmount !== null) {
    const seen = amount === null ? null : Number(amount)
    check('minimumAmount', seen, Number(minimumAmount), amount !== null && amount >= minimumAmount)
  }
  if (reward.kind !== 'tiers') return
  const input = tierInputOf(occasion)
  const reached = tierNumber(reward.by, input)
  const first = Number(reward.tiers[0]?.from ?? 0n)
  check('tier', reached === null ? null : Number(reached), first, rateOf(reward, input) !== null)
}

function checkRecurrence({ recurring }: RuleTerms, { invoice, timeMs }: Occasion, check: Check): void {
  if (recurring === null || invoice === null) return
  check('recurring', invoice.period, recurring.periods, invoice.period <= recurring.periods)
  const { cancelledMs } = invoice
  if (cancelledMs !== null) check('subscription', `cancelled ${at(cancelledMs)}`, 'not cancelled', timeMs < cancelledMs)
}

/** The event's own conversion counts for its tier: a referrer's first customer is number 1. */
export function tierInputOf({ amount, conversions, converts }: Occasion) {
  return { amount, conversions: conversions + (converts ? 1 : 0) }
}

/** What conditions get to see of an event, made once, and only where one is asked. */
export function inputFor(occasion: Occasion): () => ConditionInput {
  let made: ConditionInput | null = null
  return () => {
    made ??= inputOf(occasion)
    return made
  }
}

function inputOf(occasion: Occasion): ConditionInput {
  const { type, timeMs, amount, currency, referral, attributedMs, conversions, invoice, data } = occasion
  return {
    event: {
      type,
      timestamp: new Date(timeMs),
      ...(amount === null ? {} : { amount }),
      ...(currency === null ? {} : { currency }),
      data,
    },
    referrer: { id: referral.referrerId, conversions: BigInt(conversions) },
    referee: { id: referral.refereeId },
    referral: {
      id: referral.id,
      attributedAt: new Date(attributedMs),
      ageDays: BigInt(Math.max(0, Math.floor((timeMs - attributedMs) / DAY_MS))),
    },
    ...(invoice === null
      ? {}
      : { invoice: { id: invoice.id, subscriptionId: invoice.subscriptionId, period: BigInt(invoice.period) } }),
  }
}
