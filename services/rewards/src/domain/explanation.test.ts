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
