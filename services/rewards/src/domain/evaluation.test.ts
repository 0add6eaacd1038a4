import { describe, expect, it } from 'vitest'
import { evaluateRules } from './evaluation.ts'
import type { Occasion } from './requirement.ts'
import type { RuleTerms, RuleVersion } from './rule.ts'

const day = (text: string) => Date.parse(`${text}T00:00:00Z`)
const paidOn = day('2026-05-10')

const rule = (terms: Partial<RuleTerms> = {}, version: Partial<RuleVersion> = {}): RuleVersion => ({
  ruleId: 'rule-1',
  version: 1,
  activeFromMs: day('2026-01-01'),
  activeToMs: null,
  trials: [],
  ...version,
  terms: {
    currency: 'USD',
    reward: { kind: 'percent', basisPoints: 2000 },
    beneficiary: 'referrer',
    holdingDays: 0,
    minimumAmount: null,
    validFromMs: null,
    validToMs: null,
    attributionDays: null,
    priority: 100,
    stacking: 'all',
    recurring: null,
    caps: [],
    timeZone: 'UTC',
    condition: null,
    ...terms,
  },
})

const payment: Occasion = {
  type: 'subscription.paid',
  timeMs: paidOn,
  amount: 4999n,
  currency: 'USD',
  referral: { id: 'referral', referrerId: 'ann', refereeId: 'bob' },
  attributedMs: day('2026-05-01'),
  conversions: 0,
  converts: true,
  invoice: { id: 'i', subscriptionId: 's', period: 1, cancelledMs: null },
  data: {},
}

/** The one place that calls the code under test. */
const evaluate = (rules: readonly RuleVersion[], changes: Partial<Occasion> = {}) =>
  evaluateRules(rules, { ...payment, ...changes })
const amounts = (rules: readonly RuleVersion[], changes: Partial<Occasion> = {}) =>
  evaluate(rules, changes).grants.map(({ ruleId, amount }) => [ruleId, amount])
const reasonOf = (terms: Partial<RuleTerms>, changes: Partial<Occasion> = {}) => evaluate([rule(terms)], changes).reason

describe('a rule gives', () => {
  it('a share of the amount, rounded down', () => {
    expect(amounts([rule()])).toEqual([['rule-1', 999n]])
  })

  it('a fixed sum, whatever the amount, also where there is none', () => {
    const fixed = rule({ reward: { kind: 'fixed', amount: 500n } })
    expect(amounts([fixed], { amount: 1n })).toEqual([['rule-1', 500n]])
    expect(amounts([fixed], { amount: null, currency: null })).toEqual([['rule-1', 500n]])
  })
})

describe('a rule gives nothing', () => {
  it.each([
    ['to an event in another currency', {}, { currency: 'EUR' }, 'currency_mismatch'],
    ['for less than a cent', {}, { amount: 4n }, 'amount_too_small'],
    ['as a share of no amount', {}, { amount: null, currency: null }, 'amount_missing'],
    ['below its minimum', { minimumAmount: 5000n }, {}, 'below_minimum_amount'],
    [
      'where it asks for a minimum and there is no amount',
      { reward: { kind: 'fixed', amount: 1n }, minimumAmount: 1n },
      { amount: null, currency: null },
      'below_minimum_amount',
    ],
    ['before it is valid', { validFromMs: paidOn + 1 }, {}, 'outside_validity'],
    ['from the end of its validity on', { validToMs: paidOn }, {}, 'outside_validity'],
    ['long after the registration', { attributionDays: 8 }, {}, 'outside_attribution'],
  ] as const)('%s', (_, terms, changes, reason) => {
    expect(reasonOf(terms as Partial<RuleTerms>, changes as Partial<Occasion>)).toBe(reason)
  })
})

it.each([
  ['at its minimum', { minimumAmount: 4999n }],
  ['at the start of its validity', { validFromMs: paidOn }],
  ['just before the end of its validity', { validToMs: paidOn + 1 }],
  ['on the last day after the registration', { attributionDays: 9 }],
] as const)('a rule counts %s', (_, terms) => {
  expect(reasonOf(terms)).toBeNull()
})

describe('of several rules', () => {
  const high = rule(
    { priority: 200, stacking: 'highestPriority', reward: { kind: 'fixed', amount: 1n } },
    { ruleId: 'high' },
  )
  const low = rule({}, { ruleId: 'low' })

  it('all give, by priority, then the oldest first', () => {
    const all = [low, rule({ priority: 150 }, { ruleId: 'z' }), rule({ priority: 150 }, { ruleId: 'a' })]
    expect(amounts(all).map(([id]) => id)).toEqual(['a', 'z', 'low'])
  })

  it('one that wants no company suppresses lower ones for the same beneficiary, also when it gives less', () => {
    expect(amounts([low, high])).toEqual([['high', 1n]])
    expect(evaluate([low, high]).trace[1]).toMatchObject({ ruleId: 'low', reason: 'suppressed_by_priority', amount: 0 })
    const referee = rule({ beneficiary: 'referee' }, { ruleId: 'referee' })
    expect(amounts([referee, high]).map(([id]) => id)).toEqual(['high', 'referee'])
  })

  it('one that wants no company but does not match suppresses nothing', () => {
    const unmet = rule({ ...high.terms, minimumAmount: 10_000n }, { ruleId: 'high' })
    expect(amounts([low, unmet]).map(([id]) => id)).toEqual(['low'])
  })

  it('the reason is theirs where they agree', () => {
    expect(evaluate([]).reason).toBe('no_rule')
    expect(evaluate([low, high], { currency: 'EUR' }).reason).toBe('currency_mismatch')
    const other = rule({ minimumAmount: 9999n }, { ruleId: 'other' })
    expect(evaluate([rule({ currency: 'EUR' }), other]).reason).toBe('no_rule_matched')
  })
})

describe('the version', () => {
  const first = rule({}, { activeToMs: paidOn })
  const second = rule({ reward: { kind: 'percent', basisPoints: 100 } }, { version: 2, activeFromMs: paidOn })

  it('is the one that counted when the event happened', () => {
    expect(amounts([first, second])).toEqual([['rule-1', 49n]])
    expect(amounts([first, second], { timeMs: paidOn - 1 })).toEqual([['rule-1', 999n]])
  })

  it('is told even where none counted', () => {
    const { reason, trace } = evaluate([first, second], { timeMs: day('2025-12-31') })
    expect([reason, trace.length, trace[0]!.version]).toEqual(['rule_not_active', 1, 1])
  })
})

it('every condition is told with the value seen, also after one that failed', () => {
  const { trace } = evaluate([rule({ minimumAmount: 5000n, attributionDays: 30 })], { currency: 'EUR' })
  expect(trace).toEqual([
    {
      ruleId: 'rule-1',
      version: 1,
      beneficiary: 'referrer',
      reason: 'currency_mismatch',
      amount: 0,
      conditions: [
        { condition: 'currency', seen: 'EUR', needed: 'USD', met: false },
        { condition: 'minimumAmount', seen: 4999, needed: 5000, met: false },
        { condition: 'attributionDays', seen: 9, needed: 30, met: true },
      ],
    },
  ])
})
