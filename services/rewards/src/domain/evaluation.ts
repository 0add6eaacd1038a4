import { beneficiaryOf, type Candidate, candidatesFor } from './candidate.ts'
import { askCaps, type CapSpending, type CapTrace, noUse, type UseOf } from './cap.ts'
import type { ConditionInput } from './condition.ts'
import { amountAt, type Rate, rateOf, refusalOf } from './rate.ts'
import {
  type ConditionTrace,
  conditionsOf,
  inputFor,
  type Occasion,
  reasonsByCondition,
  tierInputOf,
} from './requirement.ts'
import { type Beneficiary, byPriority, type Lack, type RuleVersion } from './rule.ts'

/** One rule looked at: what it gave, or the first reason why it gave nothing. */
export type RuleTrace = Readonly<{
  ruleId: string
  version: number
  beneficiary: Beneficiary
  /** Only of versions that are tried out. A shadow's `amount` is what it would have given. */
  mode?: 'canary' | 'shadow'
  reason: string | null
  amount: number
  /** Before caps, where they left less. */
  uncapped?: number
  conditions: readonly ConditionTrace[]
  /** What was used of each cap before, where the rule has any and its conditions were met. */
  caps?: readonly CapTrace[]
}>

/** What one rule gives to one beneficiary. */
export type Grant = Readonly<{
  ruleId: string
  ruleVersion: number
  beneficiary: Beneficiary
  amount: bigint
  currency: string
  holdingDays: number
  /** The rate that held, pinned: a reversal goes by it whatever becomes of the rule. */
  rate: Rate
  spendings: readonly CapSpending[]
}>

/** `reason` is null when anything is granted; else the rules' one reason, or `no_rule` / `no_rule_matched`. */
export type Evaluation = Readonly<{ grants: readonly Grant[]; trace: readonly RuleTrace[]; reason: string | null }>

/** A rule looked at by itself, before it meets the others. */
type Looked = Readonly<{
  candidate: Candidate
  conditions: readonly ConditionTrace[]
  caps: readonly CapTrace[]
  /** Its conditions are met; it suppresses others then, also where it has nothing left to give. */
  matches: boolean
  reason: string | null
  amount: bigint
  uncapped: bigint
  rate: Rate | null
  spendings: readonly CapSpending[]
}>

/**
 * Asks every rule about an event, by priority, in the version of the event's time. `useOf` tells what was given under
 * the caps so far; what this event spends is in its grants.
 */
export function evaluateRules(
  rules: readonly RuleVersion[],
  occasion: Occasion,
  useOf: UseOf = () => noUse,
): Evaluation {
  const input = inputFor(occasion)
  const looked = candidatesFor(rules, occasion)
    .toSorted((one, other) => byPriority(one.rule, other.rule))
    .map((candidate) => lookAt(candidate, occasion, input, useOf))
  const winners = winnersOf(looked)
  const grants: Grant[] = []
  const trace = looked.map((one): RuleTrace => {
    const reason = one.reason ?? suppressionOf(one, winners)
    if (reason === null && one.candidate.mode !== 'shadow') grants.push(grantOf(one))
    return traceOf(one, reason)
  })
  return { grants, trace, reason: grants.length > 0 ? null : summaryOf(trace) }
}

function lookAt(candidate: Candidate, occasion: Occasion, input: () => ConditionInput, useOf: UseOf): Looked {
  const { rule, mode, unmet } = candidate
  const { terms, ruleId } = rule
  const lack = rule.lacks?.[mode] ?? null
  if (lack !== null) return lookedAtNothing(candidate, lack)
  const all = conditionsOf(rule, occasion, mode !== 'active', input)
  const conditions = unmet === null ? all : [unmet, ...all]
  const failed = conditions.find(({ met }) => !met)
  const rate = rateOf(terms.reward, tierInputOf(occasion))
  const nothing = { candidate, conditions, caps: [], amount: 0n, uncapped: 0n, rate, spendings: [] }
  if (failed !== undefined || rate === null) {
    const condition = failed?.condition ?? 'tier'
    return { ...nothing, matches: false, reason: reasonsByCondition[condition] ?? condition }
  }
  const uncapped = amountAt(rate, occasion.amount)
  const refusal = refusalOf(uncapped)
  if (refusal !== null) return { ...nothing, matches: true, reason: refusal }
  const people = { userId: beneficiaryOf(rule, occasion), referralId: occasion.referral.id }
  const capped = { ruleId, ...people, timeMs: occasion.timeMs, caps: terms.caps, timeZone: terms.timeZone }
  const { granted, trace, spendings } = askCaps(capped, uncapped, useOf)
  const reason = granted > 0n ? null : 'cap_reached'
  return { ...nothing, caps: trace, matches: true, reason, amount: granted, uncapped, spendings }
}

/** A rule that uses what the plan does not have is not asked: it gives nothing, suppresses nobody and uses up no cap. */
function lookedAtNothing(candidate: Candidate, { plan, needed }: Lack): Looked {
  const conditions = [{ condition: 'plan', seen: plan, needed, met: false }]
  const nothing = { caps: [], amount: 0n, uncapped: 0n, rate: null, spendings: [] }
  return { candidate, conditions, ...nothing, matches: false, reason: 'plan_required' }
}

/** By beneficiary, the rule that wants no company and gets its way. */
type Winners = ReadonlyMap<Beneficiary, Looked>

/**
 * The highest priority decides; among rules of one priority that all want no company, the money they give does, never
 * the number in them: 500 flat is less than 30 % of 100,000.
 */
function winnersOf(looked: readonly Looked[]): Winners {
  const winners = new Map<Beneficiary, Looked>()
  for (const one of looked) {
    const { rule, mode } = one.candidate
    if (!one.matches || mode === 'shadow' || rule.terms.stacking !== 'highestPriority') continue
    const best = winners.get(rule.terms.beneficiary)
    const isBetter =
      best === undefined || (best.candidate.rule.terms.priority === rule.terms.priority && one.amount > best.amount)
    if (isBetter) winners.set(rule.terms.beneficiary, one)
  }
  return winners
}

function suppressionOf(one: Looked, winners: Winners): string | null {
  const { terms } = one.candidate.rule
  const winner = winners.get(terms.beneficiary)
  if (winner === undefined || winner === one) return null
  const { priority } = winner.candidate.rule.terms
  if (terms.priority < priority) return 'suppressed_by_priority'
  const isRival = terms.priority === priority && terms.stacking === 'highestPriority' && one.candidate.mode !== 'shadow'
  return isRival ? 'suppressed_by_larger_reward' : null
}

function grantOf({ candidate: { rule }, amount, rate, spendings }: Looked): Grant {
  const { ruleId, version: ruleVersion, terms } = rule
  const { beneficiary, currency, holdingDays } = terms
  // A rule that grants has met its conditions, of which a rate is one.
  return { ruleId, ruleVersion, beneficiary, amount, currency, holdingDays, rate: rate!, spendings }
}

function traceOf(
  { candidate: { rule, mode }, conditions, caps, amount, uncapped }: Looked,
  reason: string | null,
): RuleTrace {
  return {
    ruleId: rule.ruleId,
    version: rule.version,
    beneficiary: rule.terms.beneficiary,
    ...(mode === 'active' ? {} : { mode }),
    reason,
    amount: reason === null ? Number(amount) : 0,
    ...(amount < uncapped ? { uncapped: Number(uncapped) } : {}),
    conditions,
    ...(caps.length === 0 ? {} : { caps }),
  }
}

/** The rules' one reason where they agree. What is tried out in shadow has no say. */
function summaryOf(trace: readonly RuleTrace[]): string {
  const told = new Set(trace.filter(({ mode }) => mode !== 'shadow').map(({ reason }) => reason))
  const [only] = told
  if (told.size === 1 && typeof only === 'string') return only
  return told.size === 0 ? 'no_rule' : 'no_rule_matched'
}
