import { type Database, query, type Transaction } from '@tributary/database'
import type { Currency } from '@tributary/money'
import type { RuleTerms, RuleVersion } from '../domain/rule.ts'

/** A rule as its author wrote it, with every default filled in; amounts are JSON numbers. */
export type RuleDefinition = Readonly<{
  name: string
  eventType: string
  currency: string
  reward:
    | Readonly<{ kind: 'percent'; basisPoints: number }>
    | Readonly<{ kind: 'fixed'; amount: number; currency: string }>
  beneficiary: 'referrer' | 'referee'
  holdingDays: number
  minimumAmount: number | null
  validFrom: string | null
  validTo: string | null
  attributionDays: number | null
  priority: number
  stacking: 'all' | 'highestPriority'
}>

/** What a definition says, in the domain's terms. */
export function termsOf(definition: RuleDefinition): RuleTerms {
  const { reward, minimumAmount, validFrom, validTo } = definition
  return {
    // Checked against the currencies in use when the rule was made.
    currency: definition.currency as Currency,
    reward: reward.kind === 'fixed' ? { kind: 'fixed', amount: BigInt(reward.amount) } : reward,
    beneficiary: definition.beneficiary,
    holdingDays: definition.holdingDays,
    minimumAmount: minimumAmount === null ? null : BigInt(minimumAmount),
    validFromMs: validFrom === null ? null : Date.parse(validFrom),
    validToMs: validTo === null ? null : Date.parse(validTo),
    attributionDays: definition.attributionDays,
    priority: definition.priority,
    stacking: definition.stacking,
  }
}

/** The rules for some types of events, by type. */
export type RulesByType = ReadonlyMap<string, readonly RuleVersion[]>

/** Versions that count, or will, for events of these types that happened at `since` or later. */
export async function listRulesFor(
  tx: Database | Transaction,
  eventTypes: readonly string[],
  since: Date,
): Promise<RulesByType> {
  const rows = await query<{
    rule_id: string
    version: number
    event_type: string
    definition: RuleDefinition
    active_from: Date
    active_to: Date | null
  }>(
    tx,
    `select rule_id, version, event_type, definition, active_from, active_to from rule_versions
     where event_type = any(?::text[]) and state <> 'draft' and (active_to is null or active_to > ?)`,
    [[...new Set(eventTypes)], since],
  )
  const rules = new Map<string, RuleVersion[]>()
  for (const row of rows) {
    const rule: RuleVersion = {
      ruleId: row.rule_id,
      version: row.version,
      activeFromMs: row.active_from.getTime(),
      activeToMs: row.active_to?.getTime() ?? null,
      terms: termsOf(row.definition),
    }
    const list = rules.get(row.event_type)
    if (list) list.push(rule)
    else rules.set(row.event_type, [rule])
  }
  return rules
}
