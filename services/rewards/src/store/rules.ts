import type { Plan } from '@tributary/contracts'
import { type Database, query, type Transaction } from '@tributary/database'
import type { Currency } from '@tributary/money'
import { compileCondition } from '../cel.ts'
import type { Interval } from '../domain/calendar.ts'
import type { Cap, CapScope } from '../domain/cap.ts'
import type { Condition } from '../domain/condition.ts'
import type { Rate, Reward } from '../domain/rate.ts'
import type { RuleTerms, RuleVersion, Trial } from '../domain/rule.ts'
import { lacksOf } from './rule-features.ts'

/** A tier as it is written down: a share, or a sum in the rule's currency. */
type TierDefinition = Readonly<{ from: number; basisPoints?: number | undefined; amount?: number | undefined }>

type CapDefinition = Readonly<{
  per: CapScope
  interval: Interval
  amount?: number | undefined
  count?: number | undefined
}>

/** A rule as its author wrote it, with every default filled in; amounts are JSON numbers. What came later may be missing. */
export type RuleDefinition = Readonly<{
  name: string
  eventType: string
  currency: string
  reward:
    | Readonly<{ kind: 'percent'; basisPoints: number }>
    | Readonly<{ kind: 'fixed'; amount: number; currency: string }>
    | Readonly<{ kind: 'tiers'; by: 'conversions' | 'amount'; tiers: readonly TierDefinition[] }>
  beneficiary: 'referrer' | 'referee'
  holdingDays: number
  minimumAmount: number | null
  validFrom: string | null
  validTo: string | null
  attributionDays: number | null
  priority: number
  stacking: 'all' | 'highestPriority'
  recurring?: Readonly<{ periods: number }> | null
  caps?: readonly CapDefinition[]
  timeZone?: string
  condition?: string | null
  mode?: 'active' | 'shadow'
}>

/** What a definition says, in the domain's terms. */
export function termsOf(definition: RuleDefinition): RuleTerms {
  const { minimumAmount, validFrom, validTo } = definition
  return {
    // Checked against the currencies in use when the rule was made.
    currency: definition.currency as Currency,
    reward: rewardOf(definition.reward),
    beneficiary: definition.beneficiary,
    holdingDays: definition.holdingDays,
    recurring: definition.recurring ?? null,
    minimumAmount: minimumAmount === null ? null : BigInt(minimumAmount),
    caps: (definition.caps ?? []).flatMap(capsOf),
    timeZone: definition.timeZone ?? 'UTC',
    validFromMs: validFrom === null ? null : Date.parse(validFrom),
    validToMs: validTo === null ? null : Date.parse(validTo),
    attributionDays: definition.attributionDays,
    condition: conditionOf(definition.condition ?? null),
    priority: definition.priority,
    stacking: definition.stacking,
  }
}

function rewardOf(reward: RuleDefinition['reward']): Reward {
  if (reward.kind === 'percent') return { kind: 'percent', basisPoints: reward.basisPoints }
  if (reward.kind === 'fixed') return { kind: 'fixed', amount: BigInt(reward.amount) }
  const tiers = reward.tiers.map((tier) => {
    const rate: Rate =
      tier.basisPoints === undefined
        ? { kind: 'fixed', amount: BigInt(tier.amount ?? 0) }
        : { kind: 'percent', basisPoints: tier.basisPoints }
    return { from: BigInt(tier.from), rate }
  })
  return { kind: 'tiers', by: reward.by, tiers }
}

function capsOf({ per, interval, amount, count }: CapDefinition): Cap[] {
  const caps: Cap[] = []
  if (amount !== undefined) caps.push({ per, interval, amount: BigInt(amount), count: null })
  if (count !== undefined) caps.push({ per, interval, amount: null, count })
  return caps
}

function conditionOf(text: string | null): Condition | null {
  if (text === null) return null
  const compiled = compileCondition(text)
  if (compiled.kind === 'compiled') return compiled.condition
  // It was checked when the rule was made, so only a newer checker can refuse it; nothing is given on a guess.
  const { message } = compiled.fault
  return { text, ask: () => ({ met: false, seen: `not understood any more: ${message}` }) }
}

/** The rate that was pinned on a reward: of a rule with tiers it stands on the reward, of others in the rule's version. */
export function pinnedRateOf({ reward }: RuleDefinition, granted: bigint, rateBasisPoints: number | null): Rate {
  if (rateBasisPoints !== null) return { kind: 'percent', basisPoints: rateBasisPoints }
  const stated = rewardOf(reward)
  return stated.kind === 'tiers' ? { kind: 'fixed', amount: granted } : stated
}

/** Whether what it gives depends on what was given or counted before. */
export function countsWhatWas(definition: RuleDefinition): boolean {
  const { reward, recurring = null, caps = [], condition = null } = definition
  if (caps.length > 0 || recurring !== null) return true
  if (reward.kind === 'tiers' && reward.by === 'conversions') return true
  return pathsOf(condition).some((path) => counted.includes(path))
}

const counted = ['referrer.conversions', 'invoice.period']

function pathsOf(condition: string | null): readonly string[] {
  const compiled = condition === null ? null : compileCondition(condition)
  return compiled?.kind === 'compiled' ? compiled.paths : []
}

/** The rules for some types of events, by type. */
export type RulesByType = ReadonlyMap<string, readonly RuleVersion[]>

type RuleRow = Readonly<{
  rule_id: string
  version: number
  event_type: string
  definition: RuleDefinition
  active_from: Date | null
  active_to: Date | null
  plan: Plan | null
  trials: readonly Readonly<{ kind: Trial['kind']; percent: number; from: number; to: number | null }>[] | null
}>

const selectRules = `
  select rule_id, version, event_type, definition, active_from, active_to,
    (select plan from heard_configs) as plan, (
    select jsonb_agg(jsonb_build_object('kind', kind, 'percent', percent,
      'from', round(extract(epoch from from_at) * 1000), 'to', round(extract(epoch from to_at) * 1000)))
    from rule_trials t where t.rule_id = v.rule_id and t.version = v.version) as trials
  from rule_versions v`

/** Versions that count or are tried out, now or later, for events of these types that happened at `since` or later. */
export async function listRulesFor(
  tx: Database | Transaction,
  eventTypes: readonly string[],
  since: Date,
): Promise<RulesByType> {
  const rows = await query<RuleRow>(
    tx,
    `${selectRules}
     where event_type = any(?::text[]) and (
       (state <> 'draft' and (active_to is null or active_to > ?))
       or (rule_id, version) in (select rule_id, version from rule_trials where to_at is null or to_at > ?))`,
    [[...new Set(eventTypes)], since, since],
  )
  const rules = new Map<string, RuleVersion[]>()
  for (const row of rows) {
    const list = rules.get(row.event_type)
    if (list) list.push(toRuleVersion(row))
    else rules.set(row.event_type, [toRuleVersion(row)])
  }
  return rules
}

function toRuleVersion(row: RuleRow): RuleVersion {
  return {
    ruleId: row.rule_id,
    version: row.version,
    activeFromMs: row.active_from?.getTime() ?? null,
    activeToMs: row.active_to?.getTime() ?? null,
    trials: (row.trials ?? []).map(({ kind, percent, from, to }) => ({ kind, percent, fromMs: from, toMs: to })),
    terms: termsOf(row.definition),
    // None was told yet: the smallest.
    lacks: lacksOf(row.plan ?? 'free', row.definition),
  }
}
