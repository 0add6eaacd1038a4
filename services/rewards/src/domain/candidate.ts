import { bucketOf } from './bucket.ts'
import type { ConditionTrace, Occasion } from './requirement.ts'
import { countsAt, type RuleVersion, type Trial, trialAt } from './rule.ts'

/** A version that is looked at for an event: as what counts, as a canary that takes its place, or as a mere shadow. */
export type Candidate = Readonly<{
  rule: RuleVersion
  mode: 'active' | 'canary' | 'shadow'
  /** What kept a canary from this user; it is looked at only where nothing else of its rule counts. */
  unmet: ConditionTrace | null
}>

/**
 * Of each rule: the version that counts at the event's time, or the canary where it has taken over for the user, else
 * the next that will, to say why it gave nothing; and the newest that is in shadow. What has ended by then says nothing:
 * it is read where an event of an earlier time is decided in the same batch, and the answer must not depend on that.
 */
export function candidatesFor(rules: readonly RuleVersion[], occasion: Occasion): Candidate[] {
  const byRule = new Map<string, RuleVersion[]>()
  for (const rule of rules) {
    const versions = byRule.get(rule.ruleId)
    if (versions) versions.push(rule)
    else byRule.set(rule.ruleId, [rule])
  }
  return [...byRule.values()].flatMap((versions) => candidatesOf(versions, occasion))
}

function candidatesOf(versions: readonly RuleVersion[], occasion: Occasion): Candidate[] {
  const { timeMs } = occasion
  const [only] = versions
  // Almost always; the rest comes to the same.
  if (versions.length === 1 && only!.activeFromMs !== null && only!.trials.length === 0) {
    return hasEnded(only!, timeMs) ? [] : [{ rule: only!, mode: 'active', unmet: null }]
  }
  const inTrial = (kind: Trial['kind']) =>
    newestOf(versions.filter((rule) => trialAt(rule, kind, timeMs) !== undefined))
  const shadow = inTrial('shadow')
  const shadows: Candidate[] = shadow === null ? [] : [{ rule: shadow, mode: 'shadow', unmet: null }]

  const active = newestOf(versions.filter((rule) => countsAt(rule, timeMs)))
  const canary = canaryOf(inTrial('canary'), active)
  const bucket = canary === null ? 0 : bucketOf(canary.ruleId, beneficiaryOf(canary, occasion))
  const percent = canary === null ? 0 : trialAt(canary, 'canary', timeMs)!.percent
  if (canary !== null && bucket < percent) return [{ rule: canary, mode: 'canary', unmet: null }, ...shadows]

  if (active !== null) return [{ rule: active, mode: 'active', unmet: null }, ...shadows]
  if (canary !== null) {
    const unmet = { condition: 'canary', seen: bucket, needed: percent, met: false }
    return [{ rule: canary, mode: 'canary', unmet }, ...shadows]
  }
  // A version that was only ever tried out says nothing about why an event earned nothing.
  const [next] = versions
    .filter((rule) => rule.activeFromMs !== null && !hasEnded(rule, timeMs))
    .toSorted((one, other) => one.activeFromMs! - other.activeFromMs!)
  return next === undefined ? shadows : [{ rule: next, mode: 'active', unmet: null }, ...shadows]
}

/** Where the plan does not have it, a canary leaves its users to the version that counts. */
function canaryOf(canary: RuleVersion | null, active: RuleVersion | null): RuleVersion | null {
  return canary?.lacks?.canary && active !== null ? null : canary
}

/** Whether a version counts no more by then; one that was retired before it began never does. */
function hasEnded({ activeFromMs, activeToMs }: RuleVersion, timeMs: number): boolean {
  return activeToMs !== null && (activeToMs <= timeMs || activeToMs === activeFromMs)
}

/** Whom the rule would reward. */
export function beneficiaryOf({ terms }: RuleVersion, { referral }: Occasion): string {
  return terms.beneficiary === 'referrer' ? referral.referrerId : referral.refereeId
}

function newestOf(versions: readonly RuleVersion[]): RuleVersion | null {
  return versions.reduce<RuleVersion | null>(
    (newest, rule) => (newest !== null && newest.version > rule.version ? newest : rule),
    null,
  )
}
