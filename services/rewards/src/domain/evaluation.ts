import { isAmount, percentOf } from '@tributary/money'
import { type Beneficiary, byPriority, countsAt, type RuleVersion, versionsAt } from './rule.ts'

/** What a rule gets to see of an event. */
export type Occasion = Readonly<{
  timeMs: number
  amount: bigint | null
  currency: string | null
  /** When the customer registered. */
  attributedMs: number
}>

/** One condition of a rule, with the value seen. */
export type ConditionTrace = Readonly<{
  condition: string
  seen: string | number | null
  needed: string | number
  met: boolean
}>

/** One rule looked at: what it gave, or the first reason why it gave nothing. */
export type RuleTrace = Readonly<{
  ruleId: string
  version: number
  beneficiary: Beneficiary
  reason: string | null
  amount: number
  conditions: readonly ConditionTrace[]
}>

/** What one rule gives to one beneficiary. */
export type Grant = Readonly<{
  ruleId: string
  ruleVersion: number
  beneficiary: Beneficiary
  amount: bigint
  currency: string
  holdingDays: number
}>

/** `reason` is null when anything is granted; else the rules' one reason, or `no_rule` / `no_rule_matched`. */
export type Evaluation = Readonly<{ grants: readonly Grant[]; trace: readonly RuleTrace[]; reason: string | null }>

const DAY_MS = 86_400_000

/** Asks every rule about an event, by priority, in the version of the event's time; looks at each condition, also after one has failed. */
export function evaluateRules(rules: readonly RuleVersion[], occasion: Occasion): Evaluation {
  const grants: Grant[] = []
  const trace: RuleTrace[] = []
  /** The priority below which a beneficiary gets nothing more. */
  const suppressedBelow = new Map<Beneficiary, number>()

  for (const rule of versionsAt(rules, occasion.timeMs).sort(byPriority)) {
    const { beneficiary, priority, stacking } = rule.terms
    const conditions = conditionsOf(rule, occasion)
    const amount = amountOf(rule, occasion)
    const isSuppressed = priority < (suppressedBelow.get(beneficiary) ?? -Infinity)
    const reason = firstReason(conditions, amount, isSuppressed)
    const entry = { ruleId: rule.ruleId, version: rule.version, beneficiary, reason, conditions }
    if (reason === null) {
      const { currency, holdingDays } = rule.terms
      grants.push({ ruleId: rule.ruleId, ruleVersion: rule.version, beneficiary, amount, currency, holdingDays })
      trace.push({ ...entry, amount: Number(amount) })
      if (stacking === 'highestPriority') suppressedBelow.set(beneficiary, priority)
    } else {
      trace.push({ ...entry, amount: 0 })
    }
  }
  return { grants, trace, reason: grants.length > 0 ? null : summaryOf(trace) }
}

/** What the rule gives for the event's amount when all its conditions are met. */
function amountOf({ terms }: RuleVersion, { amount }: Occasion): bigint {
  if (terms.reward.kind === 'fixed') return terms.reward.amount
  return amount === null ? 0n : percentOf(amount, terms.reward.basisPoints)
}

const reasons: Readonly<Record<string, string>> = {
  active: 'rule_not_active',
  validFrom: 'outside_validity',
  validTo: 'outside_validity',
  currency: 'currency_mismatch',
  amount: 'amount_missing',
  minimumAmount: 'below_minimum_amount',
  attributionDays: 'outside_attribution',
}

function firstReason(conditions: readonly ConditionTrace[], amount: bigint, isSuppressed: boolean): string | null {
  const failed = conditions.find(({ met }) => !met)
  if (failed !== undefined) return reasons[failed.condition] ?? failed.condition
  if (!isAmount(amount)) return 'amount_too_small'
  return isSuppressed ? 'suppressed_by_priority' : null
}

/** The conditions that the rule sets, in the order in which they are told. */
function conditionsOf(rule: RuleVersion, occasion: Occasion): ConditionTrace[] {
  const { terms } = rule
  const { timeMs, amount, currency, attributedMs } = occasion
  const at = new Date(timeMs).toISOString()
  const conditions: ConditionTrace[] = []
  const check = (condition: string, seen: ConditionTrace['seen'], needed: string | number, met: boolean) =>
    conditions.push({ condition, seen, needed, met })

  if (!countsAt(rule, timeMs)) check('active', at, new Date(rule.activeFromMs).toISOString(), false)
  if (terms.validFromMs !== null) {
    check('validFrom', at, new Date(terms.validFromMs).toISOString(), timeMs >= terms.validFromMs)
  }
  if (terms.validToMs !== null) {
    check('validTo', at, new Date(terms.validToMs).toISOString(), timeMs < terms.validToMs)
  }
  if (terms.reward.kind === 'percent' && (amount === null || currency === null)) {
    check('amount', null, 'amount and currency', false)
  }
  if (currency !== null) check('currency', currency, terms.currency, currency === terms.currency)
  if (terms.minimumAmount !== null) {
    const seen = amount === null ? null : Number(amount)
    check('minimumAmount', seen, Number(terms.minimumAmount), amount !== null && amount >= terms.minimumAmount)
  }
  if (terms.attributionDays !== null) {
    const days = (timeMs - attributedMs) / DAY_MS
    check('attributionDays', Math.max(0, Math.floor(days)), terms.attributionDays, days <= terms.attributionDays)
  }
  return conditions
}

function summaryOf(trace: readonly RuleTrace[]): string {
  const told = new Set(trace.map(({ reason }) => reason))
  const [only] = told
  if (told.size === 1 && typeof only === 'string') return only
  return told.size === 0 ? 'no_rule' : 'no_rule_matched'
}
