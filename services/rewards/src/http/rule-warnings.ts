import { AMOUNT_MAX } from '@tributary/money'
import { compileCondition } from '../cel.ts'
import type { Comparison } from '../cel-tree.ts'
import { isHidden } from '../domain/visible-data.ts'
import { CONVERSIONS_MAX } from '../store/counting.ts'
import type { RuleDefinition } from '../store/rules.ts'
import { storedEventType } from './event-type.ts'
import type { Remark } from './rule-checks.ts'

/** What is allowed and probably not meant. */
export function warningsOf(rule: RuleDefinition): Remark[] {
  return [...smallCapsOf(rule), ...farTiersOf(rule), ...conditionOf(rule)]
}

function conditionOf(rule: RuleDefinition): Remark[] {
  const { condition = null } = rule
  const compiled = condition === null ? null : compileCondition(condition)
  if (compiled?.kind !== 'compiled') return []
  const { paths, comparisons, unnamedFields } = compiled
  const unnamed = unnamedFields.map((at) => ({
    path: ['condition'],
    message: `the name of a field is put together (at character ${at + 1}): traces do not show what it saw, and one that says who somebody is is not told`,
  }))
  return [...hiddenFieldsOf(paths), ...unnamed, ...impossibleOf(rule, comparisons)]
}

function hiddenFieldsOf(paths: readonly string[]): Remark[] {
  const hidden = paths.filter((one) => /^event\.data\./.test(one) && isHidden(one.split('.')[2] ?? ''))
  return hidden.map((one) => ({
    path: ['condition'],
    message: `${one} says who somebody is, which conditions never see: to them it is not told`,
  }))
}

function smallCapsOf({ reward, caps = [] }: RuleDefinition): Remark[] {
  const sums = reward.kind === 'fixed' ? [reward.amount] : []
  if (reward.kind === 'tiers') sums.push(...reward.tiers.flatMap(({ amount }) => amount ?? []))
  const largest = Math.max(0, ...sums)
  return caps.flatMap(({ amount }, index): Remark[] =>
    amount === undefined || amount >= largest
      ? []
      : [{ path: ['caps', index, 'amount'], message: `is below the reward of ${largest}: at most this is given` }],
  )
}

function farTiersOf({ reward }: RuleDefinition): Remark[] {
  if (reward.kind !== 'tiers' || reward.by !== 'conversions') return []
  return reward.tiers.flatMap(({ from }, index): Remark[] =>
    from <= CONVERSIONS_MAX
      ? []
      : [
          {
            path: ['reward', 'tiers', index, 'from'],
            message: `is never reached: conversions are counted up to ${CONVERSIONS_MAX}`,
          },
        ],
  )
}

/** The least and the most that these can be, both ends included. */
const bounds: Readonly<Record<string, readonly [number, number]>> = {
  'event.amount': [1, Number(AMOUNT_MAX)],
  'referrer.conversions': [0, CONVERSIONS_MAX],
  'referral.ageDays': [0, Number.MAX_SAFE_INTEGER],
  'invoice.period': [1, Number.MAX_SAFE_INTEGER],
}

function impossibleOf({ eventType, currency }: RuleDefinition, comparisons: readonly Comparison[]): Remark[] {
  const fixed: Readonly<Record<string, string>> = {
    'event.type': storedEventType(eventType),
    'event.currency': currency,
  }
  return comparisons.flatMap((comparison): Remark[] => {
    const { path, at } = comparison
    const only = fixed[path]
    const range = bounds[path]
    const why =
      only === undefined ? `${path} is from ${range?.join(' to ')}` : `${path} is always ${only} for this rule`
    const isPossible = only === undefined ? range === undefined || canBeIn(range, comparison) : canBe(only, comparison)
    return isPossible ? [] : [{ path: ['condition'], message: `is never true at character ${at + 1}: ${why}` }]
  })
}

function canBe(only: string, { operator, constants }: Comparison): boolean {
  if (operator === '==' || operator === 'in') return constants.includes(only)
  return operator !== '!=' || !constants.includes(only)
}

function canBeIn(range: readonly [number, number], { operator, constants }: Comparison): boolean {
  return constants.some((constant) => holdsIn(range, operator, Number(constant)))
}

/** Whether any whole number in the range compares like that. */
function holdsIn([least, most]: readonly [number, number], operator: Comparison['operator'], number: number): boolean {
  switch (operator) {
    case '==':
    case 'in':
      return Number.isInteger(number) && number >= least && number <= most
    case '<':
      return number > least
    case '<=':
      return number >= least
    case '>':
      return number < most
    case '>=':
      return number <= most
    case '!=':
      return true
  }
}
