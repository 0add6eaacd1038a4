import { type Feature, hasFeature, type Plan, planThatHas } from '@tributary/contracts'
import type { Lack, Lacks } from '../domain/rule.ts'
import type { RuleDefinition } from './rules.ts'

const ofMode: Readonly<Record<'active' | 'shadow' | 'canary', readonly Feature[]>> = {
  active: [],
  shadow: ['rules.shadow'],
  canary: ['rules.canary'],
}

type Terms = Omit<RuleDefinition, 'mode'>
type Written = Terms & Readonly<{ mode?: keyof typeof ofMode }>

/** What a plan must have for a rule to be written down, or brought into a mode. */
export function featuresOf(definition: Written): Feature[] {
  return [...featuresOfTerms(definition), ...ofMode[definition.mode ?? 'active']]
}

/** What a plan must have for a rule to be asked. */
function featuresOfTerms({
  reward,
  recurring = null,
  beneficiary,
  condition = null,
}: Omit<RuleDefinition, 'mode'>): Feature[] {
  const features: Feature[] = []
  if (reward.kind === 'tiers') features.push('rules.tiers')
  if (recurring !== null) features.push('rules.recurring')
  if (beneficiary === 'referee') features.push('rules.double-sided')
  if (condition !== null) features.push('rules.conditions')
  return features
}

/** What a rule needs and the plan does not have, for each way in which a version can be looked at; none where it has all. */
export function lacksOf(plan: Plan, definition: RuleDefinition): Lacks | undefined {
  const terms = featuresOfTerms(definition)
  const lackOf = (features: readonly Feature[]): Lack | null => {
    const lacking = features.find((feature) => !hasFeature(plan, feature))
    return lacking === undefined ? null : { plan, needed: planThatHas(lacking) }
  }
  const lacks = {
    active: lackOf(terms),
    shadow: lackOf([...terms, ...ofMode.shadow]),
    canary: lackOf([...terms, ...ofMode.canary]),
  }
  return (lacks.active ?? lacks.shadow ?? lacks.canary) ? lacks : undefined
}
