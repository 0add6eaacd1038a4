import type { Currency } from '@tributary/money'

export type Beneficiary = 'referrer' | 'referee'

/** What a rule gives: a share of the event's amount, rounded down, or a sum in the rule's currency. */
export type Reward = Readonly<{ kind: 'percent'; basisPoints: number }> | Readonly<{ kind: 'fixed'; amount: bigint }>

/** What a rule says. Every amount in it is in its `currency`. */
export type RuleTerms = Readonly<{
  currency: Currency
  reward: Reward
  beneficiary: Beneficiary
  holdingDays: number
  /** Events below it earn nothing; null asks for no amount at all. */
  minimumAmount: bigint | null
  /** Half open: an event at validFrom counts, one at validTo does not. */
  validFromMs: number | null
  validToMs: number | null
  /** How long after the registration an event still counts. */
  attributionDays: number | null
  /** Higher is looked at first. */
  priority: number
  /** `highestPriority`: when this rule matches, rules of lower priority give the same beneficiary nothing. */
  stacking: 'all' | 'highestPriority'
}>

/** One version of a rule, which never changes, and when it counts: from `activeFromMs` to just before `activeToMs`. */
export type RuleVersion = Readonly<{
  ruleId: string
  version: number
  activeFromMs: number
  activeToMs: number | null
  terms: RuleTerms
}>

/** Whether the version counts for an event that happened then. */
export function countsAt(rule: RuleVersion, timeMs: number): boolean {
  return rule.activeFromMs <= timeMs && (rule.activeToMs === null || timeMs < rule.activeToMs)
}

/** The order in which rules are looked at: by priority, then oldest first (their ids grow with time). */
export function byPriority(one: RuleVersion, other: RuleVersion): number {
  return (
    other.terms.priority - one.terms.priority ||
    (one.ruleId < other.ruleId ? -1 : one.ruleId > other.ruleId ? 1 : one.version - other.version)
  )
}

/** One version of each rule: the one that counts for an event of that time, else its newest, to say why it gave nothing. */
export function versionsAt(rules: readonly RuleVersion[], timeMs: number): RuleVersion[] {
  const chosen = new Map<string, RuleVersion>()
  for (const rule of rules) {
    const other = chosen.get(rule.ruleId)
    const isBetter =
      other === undefined || (!countsAt(other, timeMs) && (countsAt(rule, timeMs) || rule.version > other.version))
    if (isBetter) chosen.set(rule.ruleId, rule)
  }
  return [...chosen.values()]
}
