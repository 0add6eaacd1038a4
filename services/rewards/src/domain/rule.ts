import type { Currency } from '@tributary/money'
import type { Cap } from './cap.ts'
import type { Condition } from './condition.ts'
import type { Reward } from './rate.ts'

export type Beneficiary = 'referrer' | 'referee'

/** What a rule says. Every amount in it is in its `currency`. */
export type RuleTerms = Readonly<{
  currency: Currency
  reward: Reward
  beneficiary: Beneficiary
  holdingDays: number
  /** How many payments of one subscription are rewarded; null for all, whatever becomes of the subscription. */
  recurring: Readonly<{ periods: number }> | null
  /** Events below it earn nothing; null asks for no amount at all. */
  minimumAmount: bigint | null
  caps: readonly Cap[]
  /** Whose days and months the caps count in, such as `Europe/Berlin`. */
  timeZone: string
  /** Half open: an event at validFrom counts, one at validTo does not. */
  validFromMs: number | null
  validToMs: number | null
  /** How long after the registration an event still counts. */
  attributionDays: number | null
  condition: Condition | null
  /** Higher is looked at first. */
  priority: number
  /** `highestPriority`: when this rule matches, rules of lower priority give the same beneficiary nothing. */
  stacking: 'all' | 'highestPriority'
}>

/**
 * A version tried out beside the one that counts. `shadow`: it is asked and its answer kept, and it gives nothing.
 * `canary`: it takes over for `percent` of the users, always the same ones.
 */
export type Trial = Readonly<{ kind: 'shadow' | 'canary'; percent: number; fromMs: number; toMs: number | null }>

/** The plan in force, which does not have what a rule uses, and the smallest one that does. */
export type Lack = Readonly<{ plan: string; needed: string }>

/** What the plan lacks for a version, by how the version is looked at. */
export type Lacks = Readonly<Record<'active' | 'shadow' | 'canary', Lack | null>>

/** One version of a rule, which never changes, and when it counts: from `activeFromMs` to just before `activeToMs`. */
export type RuleVersion = Readonly<{
  ruleId: string
  version: number
  /** Null while it is only tried out. */
  activeFromMs: number | null
  activeToMs: number | null
  trials: readonly Trial[]
  terms: RuleTerms
  /** As of when it is asked; left out where the plan has all that the version needs. */
  lacks?: Lacks | undefined
}>

/** Whether the version counts for an event that happened then. */
export function countsAt(rule: RuleVersion, timeMs: number): boolean {
  return rule.activeFromMs !== null && isDuring({ fromMs: rule.activeFromMs, toMs: rule.activeToMs }, timeMs)
}

/** Half open: what begins at a time is in it, what ends then is not. */
export function isDuring({ fromMs, toMs }: { fromMs: number; toMs: number | null }, timeMs: number): boolean {
  return fromMs <= timeMs && (toMs === null || timeMs < toMs)
}

/** The trial of that kind that the version is in at that time. */
export function trialAt(rule: RuleVersion, kind: Trial['kind'], timeMs: number): Trial | undefined {
  return rule.trials.find((trial) => trial.kind === kind && isDuring(trial, timeMs))
}

/** The order in which rules are looked at: by priority, then oldest first (their ids grow with time). */
export function byPriority(one: RuleVersion, other: RuleVersion): number {
  return (
    other.terms.priority - one.terms.priority ||
    (one.ruleId < other.ruleId ? -1 : one.ruleId > other.ruleId ? 1 : one.version - other.version)
  )
}
