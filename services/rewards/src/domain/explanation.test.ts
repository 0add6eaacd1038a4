import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { explain } from './explanation.ts'
import { tellStanding } from './standing.ts'

const sourceOf = (folder: string): string =>
  readdirSync(new URL(folder, import.meta.url))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(`${folder}${name}`, import.meta.url), 'utf8'))
    .join('\n')

/** Codes have an underscore, and are written in one piece wherever they are decided. */
const codesIn = (source: string) => new Set([...source.matchAll(/'([a-z]+(?:_[a-z]+)+)'/g)].map(([, code]) => code!))

/** Made of two parts in domain/dispute.ts. */
const joined = ['no_reward', 'nothing'].flatMap((what) =>
  ['hold', 'resume', 'reverse'].map((do_) => `${what}_to_${do_}`),
)
/** What is decided of rewards and rules, and is no answer to an event; a union's tags. */
const others = new Set(['hold_changed', 'no_reward', 'no_rule_matched'])
/** Why money moved; a reward's standing tells it. */
const movements = ['payment_refunded', 'dispute_lost', 'subscription_cancelled', 'screening_failed', 'moderation']

test('every reason that the domain can give has words', () => {
  const codes = [...codesIn(sourceOf('./')), ...joined].filter((code) => !others.has(code))
  expect(codes.length).toBeGreaterThan(40)
  const rule = { ruleId: 'r', version: 1, beneficiary: 'referrer', amount: 0, conditions: [] } as const
  const silent = codes.filter((code) => {
    const words = code.replaceAll('_', ' ')
    const asVerdict = explain({ outcome: 'ignored', reason: code, rules: [] }, () => null)
    const asRule = explain({ outcome: 'ignored', reason: code, rules: [{ ...rule, reason: code }] }, () => null)
    return asVerdict.endsWith(`: ${words}.`) && asRule.endsWith(`: ${words}.`)
  })
  expect(silent).toEqual([])
})

const face = { name: 'Spring', currency: 'USD', tiersBy: null }
const byAmount = { ...face, tiersBy: 'amount' }
const unmet = (condition: string, seen: string | number | null, needed: string | number) => ({
  conditions: [{ condition, seen, needed, met: false }],
})
const cap = { per: 'user', interval: 'total', periodStart: '1970-01-01T00:00:00.000Z', cap: 150 } as const

test.each([
  ['its first tier begins at 20.00 USD, and this is 9.99 USD', 'below_first_tier', unmet('tier', 999, 2000), byAmount],
  ['its first tier begins at 5, and this is 4', 'below_first_tier', unmet('tier', 4, 5), face],
  ['the amount is not told, and 5.00 USD is needed', 'below_minimum_amount', unmet('minimumAmount', null, 500), face],
  ['more than 10 days have passed', 'outside_attribution', unmet('attributionDays', 10, 10), face],
  ['1.50 USD of 1.50 USD per user in all', 'cap_reached', { caps: [{ ...cap, of: 'amount', used: 150 }] }, face],
  ['150 of 150 rewards per user in all', 'cap_reached', { caps: [{ ...cap, of: 'count', used: 150 }] }, face],
  ['1500 of 150 per user', 'cap_reached', { caps: [{ ...cap, of: 'amount', used: 1500 }] }, null],
] as const)('numbers are told as what they are: %s', (words, reason, seen, known) => {
  const rule = { ruleId: 'r', version: 1, beneficiary: 'referrer', amount: 0, conditions: [], reason, ...seen } as const
  expect(explain({ outcome: 'ignored', reason, rules: [rule] }, () => known)).toContain(words)
})

test('touches that lost for one reason are told together, a few by their times', () => {
  const touch = (at: string, outcome: 'chosen' | 'earlier_touch' | 'code_unknown') => ({ at, outcome })
  const terms = { version: 0, model: 'last', touchDays: null, paymentDays: null } as const
  const earlier = Array.from({ length: 48 }, (_, number) => touch(`t${number}`, 'earlier_touch'))
  const touches = [touch('t', 'chosen'), ...earlier, touch('u', 'code_unknown')]
  const registration = { reason: null, terms, touches }
  expect(explain({ outcome: 'processed', reason: null, rules: [], registration }, () => null)).toBe(
    'It was processed; no rule was asked. Of 50 touches the last that may count was chosen. Not that of t0, that of t1, ' +
      'that of t2, 45 more: The customer met a code after that, and the last counts. Not that of u: Nobody has the ' +
      'referral code that the customer registered with.',
  )
})

test('every reason for which money is taken back has words', () => {
  for (const reversedFor of movements) {
    const told = tellStanding(
      {
        ...{ granted: 1n, reversed: 1n, currency: 'USD', refusal: null, holds: [], screening: 'passed' },
        ...{ dueMs: 0, releasedMs: null, reversedFor },
      },
      0,
    )
    expect(told, reversedFor).not.toContain(`because ${reversedFor.replaceAll('_', ' ')}`)
  }
})
