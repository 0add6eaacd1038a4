import type { Database, Transaction } from '@tributary/database'
import { afterSpending, type CapKey, type CapUse, capKeysOf, noUse, textOf } from '../domain/cap.ts'
import type { Grant } from '../domain/evaluation.ts'
import type { Counts } from '../domain/occasion.ts'
import type { OccasionInvoice } from '../domain/requirement.ts'
import { countsAt, type RuleVersion, trialAt } from '../domain/rule.ts'
import { listCapUses } from '../store/cap-counters.ts'
import { countConversions, countPeriods, listCancellations, type SubscriptionPayment } from '../store/counting.ts'
import type { RulesByType } from '../store/rules.ts'

/** An event that rules may be asked about: whose it is, as far as that is known before it is decided. */
export type Asked = Readonly<{
  /** As rules name it. */
  type: string
  timeMs: number
  referrerId: string
  refereeId: string
  /** Null for a referral that this batch makes: nobody has given anything for it yet. */
  referralId: string | null
  payment: (SubscriptionPayment & Readonly<{ period: number | null }>) | null
}>

/** A batch's own view of what was counted; what one event uses up or adds, the next one sees. */
export type Counting = Counts &
  Readonly<{
    /** What is known of a payment as one of its subscription's. */
    invoiceOf(payment: SubscriptionPayment & Readonly<{ period: number | null }>): OccasionInvoice
    /** Notes what was granted. */
    spend(grants: readonly Grant[]): void
    /** Notes that a referral of that referrer converted. */
    convert(referrerId: string, timeMs: number): void
  }>

/** Reads what the rules may ask for about these events, and nothing where they ask for nothing. */
export async function loadCounting(
  tx: Database | Transaction,
  rules: RulesByType,
  asked: readonly Asked[],
): Promise<Counting> {
  const uses = await listCapUses(
    tx,
    asked.flatMap((event) => keysOf(event, rules.get(event.type) ?? [])),
  )
  const conversions = await countConversions(
    tx,
    asked.filter(({ type }) => (rules.get(type) ?? []).some(asksForConversions)),
  )
  const payments = asked.flatMap(({ type, payment }) =>
    payment !== null && (rules.get(type) ?? []).some(asksForPeriods) ? [payment] : [],
  )
  const periods = await countPeriods(
    tx,
    payments.filter(({ period }) => period === null),
    payments.map(({ invoiceId }) => invoiceId),
  )
  return newCounting(uses, conversions, periods, await listCancellations(tx, payments))
}

function newCounting(
  uses: Map<string, CapUse>,
  conversions: ReadonlyMap<string, number>,
  periods: ReadonlyMap<string, number>,
  cancellations: ReadonlyMap<string, number>,
): Counting {
  const converted = new Map<string, number[]>()
  return {
    useOf: (key) => uses.get(key) ?? noUse,
    conversionsBefore(referrerId, timeMs) {
      const here = (converted.get(referrerId) ?? []).filter((at) => at < timeMs).length
      return (conversions.get(`${referrerId}/${timeMs}`) ?? 0) + here
    },
    invoiceOf({ invoiceId, externalUserId, subscriptionId, period }) {
      return {
        id: invoiceId,
        subscriptionId,
        period: period ?? periods.get(invoiceId) ?? 1,
        cancelledMs: cancellations.get(`${externalUserId}/${subscriptionId}`) ?? null,
      }
    },
    spend(grants) {
      for (const spending of grants.flatMap((grant) => grant.spendings)) {
        const key = textOf(spending.key)
        uses.set(key, afterSpending(uses.get(key) ?? noUse, spending))
      }
    },
    convert(referrerId, timeMs) {
      const times = converted.get(referrerId)
      if (times) times.push(timeMs)
      else converted.set(referrerId, [timeMs])
    },
  }
}

function keysOf({ timeMs, referrerId, refereeId, referralId }: Asked, rules: readonly RuleVersion[]): CapKey[] {
  const live = rules.filter(
    (rule) =>
      rule.terms.caps.length > 0 &&
      (countsAt(rule, timeMs) || trialAt(rule, 'canary', timeMs) || trialAt(rule, 'shadow', timeMs)),
  )
  return live.flatMap(({ ruleId, terms: { beneficiary, caps, timeZone } }) => {
    const userId = beneficiary === 'referrer' ? referrerId : refereeId
    const known = referralId === null ? caps.filter(({ per }) => per !== 'referral') : caps
    return capKeysOf({ ruleId, userId, referralId: referralId ?? '', timeMs, caps: known, timeZone })
  })
}

/** Conditions that ask for them by name; what others see of it is not kept apart, so they read it with them. */
function asksForConversions({ terms: { reward, condition } }: RuleVersion): boolean {
  return (reward.kind === 'tiers' && reward.by === 'conversions') || condition?.text.includes('conversions') === true
}

function asksForPeriods({ terms: { recurring, condition } }: RuleVersion): boolean {
  return recurring !== null || condition?.text.includes('period') === true
}
