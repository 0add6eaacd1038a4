import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateRules } from './evaluation.ts'
import { explain } from './explanation.ts'
import type { Rate } from './rate.ts'
import type { Occasion } from './requirement.ts'
import type { RuleTerms, RuleVersion, Trial } from './rule.ts'

const now = Date.parse('2026-05-10T00:00:00Z')
const percent = (basisPoints: number): Rate => ({ kind: 'percent', basisPoints })
const fixed = (amount: bigint): Rate => ({ kind: 'fixed', amount })

function rule(changes: Partial<RuleTerms> = {}, version: Partial<RuleVersion> = {}): RuleVersion {
  const terms: RuleTerms = {
    currency: 'USD',
    reward: percent(2000),
    beneficiary: 'referrer',
    holdingDays: 0,
    recurring: null,
    minimumAmount: null,
    caps: [],
    timeZone: 'UTC',
    validFromMs: null,
    validToMs: null,
    attributionDays: null,
    condition: null,
    priority: 100,
    stacking: 'all',
    ...changes,
  }
  return { ruleId: 'rule', version: 1, activeFromMs: 0, activeToMs: null, trials: [], ...version, terms }
}

const payment: Occasion = {
  type: 'subscription.paid',
  timeMs: now,
  amount: 1_000n,
  currency: 'USD',
  referral: { id: 'referral', referrerId: 'ann', refereeId: 'bob' },
  attributedMs: now,
  conversions: 0,
  converts: true,
  invoice: { id: 'i', subscriptionId: 's', period: 1, cancelledMs: null },
  data: {},
}

const evaluate = (rules: readonly RuleVersion[], changes: Partial<Occasion> = {}) =>
  evaluateRules(rules, { ...payment, ...changes })
const outcome = (terms: Partial<RuleTerms>, changes: Partial<Occasion> = {}) => {
  const { grants, reason } = evaluate([rule(terms)], changes)
  return reason ?? grants.map(({ amount }) => amount)
}

describe('tiers', () => {
  const byConversions: Partial<RuleTerms> = {
    reward: {
      kind: 'tiers',
      by: 'conversions',
      tiers: [
        { from: 1n, rate: percent(1000) },
        { from: 10n, rate: percent(2000) },
        { from: 20n, rate: fixed(5n) },
      ],
    },
  }
  it.each([
    ['the first customer', 0, true, [100n]],
    ['the ninth', 8, true, [100n]],
    ['the tenth', 9, true, [200n]],
    ['the twentieth, at a fixed sum that is less', 19, true, [5n]],
    ['a later payment of the ninth, while there are nine', 9, false, [100n]],
    ['a later payment once there are ten', 10, false, [200n]],
    ['no customer yet', 0, false, 'below_first_tier'],
  ])('by conversions: %s', (_, conversions, converts, expected) => {
    expect(outcome(byConversions, { conversions, converts })).toEqual(expected)
  })

  const byAmount: Partial<RuleTerms> = {
    reward: {
      kind: 'tiers',
      by: 'amount',
      tiers: [
        { from: 100n, rate: percent(1000) },
        { from: 1_000n, rate: percent(500) },
      ],
    },
  }
  it.each([
    [99n, 'below_first_tier'],
    [100n, [10n]],
    [999n, [99n]],
    [1_000n, [50n]],
  ])('by amount: case %#', (amount, expected) => {
    expect(outcome(byAmount, { amount })).toEqual(expected)
  })

  it('need an amount where they are by amount', () => {
    expect(outcome(byAmount, { amount: null, currency: null })).toBe('amount_missing')
  })

  it('by conversions: whatever comes late, an event is judged by what happened before it and was known', () => {
    const event = fc.record({ customer: fc.integer({ min: 0, max: 12 }), timeMs: fc.integer({ min: 0, max: 50 }) })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const convertedAt = new Map<number, number>()
        for (const { customer, timeMs } of events) {
          const others = [...convertedAt].filter(([one]) => one !== customer)
          const conversions = [...convertedAt.values()].filter((at) => at < timeMs).length
          const converts = !convertedAt.has(customer)
          const { grants } = evaluate([rule(byConversions)], { conversions, converts, timeMs })
          const place = conversions + (converts ? 1 : 0)
          const expected = place >= 20 ? 5n : place >= 10 ? 200n : place >= 1 ? 100n : undefined
          expect(grants[0]?.amount).toBe(expected)
          // One more customer before it never lowers the place.
          expect(place).toBeGreaterThanOrEqual(others.filter(([, at]) => at < timeMs).length)
          if (converts) convertedAt.set(customer, timeMs)
        }
      }),
    )
  })

  it('pin the rate that held', () => {
    expect(evaluate([rule(byConversions)], { conversions: 9 }).grants[0]!.rate).toEqual(percent(2000))
  })
})

it.each([
  ['the last payment that recurs', { period: 12 }, [200n]],
  ['the one after it', { period: 13 }, 'recurrence_ended'],
  ['at the time the subscription ends', { period: 2, cancelledMs: now }, 'subscription_cancelled'],
  ['before the subscription ends', { period: 2, cancelledMs: now + 1 }, [200n]],
] as const)('recurring: %s', (_, changes, expected) => {
  const invoice = { ...payment.invoice!, ...changes }
  expect(outcome({ recurring: { periods: 12 } }, { invoice })).toEqual(expected)
  expect(outcome({}, { invoice })).toEqual([200n])
})

it('a share of more than all is given where a rule says so', () => {
  expect(outcome({ reward: percent(15_000) })).toEqual([1_500n])
})

it('what would not fit any account is not given', () => {
  expect(outcome({ reward: percent(100_000) }, { amount: 2n ** 53n - 1n })).toBe('amount_too_large')
})

it('a fixed reward in another currency than the payment is not converted, and not given', () => {
  expect(outcome({ reward: fixed(500n) }, { currency: 'EUR' })).toBe('currency_mismatch')
})

it('a condition that is not met says what it saw', () => {
  const condition = { text: 'event.amount > 5000', ask: () => ({ met: false, seen: 'event.amount = 1000' }) }
  const { trace, reason } = evaluate([rule({ condition })])
  expect(reason).toBe('condition_not_met')
  expect(trace[0]!.conditions).toContainEqual({
    condition: 'condition',
    seen: 'event.amount = 1000',
    needed: 'event.amount > 5000',
    met: false,
  })
})

describe('of rules that want no company', () => {
  const alone = { stacking: 'highestPriority' } as const
  const amounts = (rules: readonly RuleVersion[], changes: Partial<Occasion> = {}) =>
    evaluate(rules, changes).grants.map(({ ruleId, amount }) => [ruleId, amount])

  it('the one that gives more money wins at equal priority, whatever the numbers in them', () => {
    const flat = rule({ ...alone, reward: fixed(500n) }, { ruleId: 'flat' })
    const share = rule({ ...alone, reward: percent(3000) }, { ruleId: 'share' })
    expect(amounts([flat, share], { amount: 100_000n })).toEqual([['share', 30_000n]])
    expect(amounts([flat, share], { amount: 1_000n })).toEqual([['flat', 500n]])
    const { trace } = evaluate([flat, share])
    expect(trace.find(({ ruleId }) => ruleId === 'share')).toMatchObject({ reason: 'suppressed_by_larger_reward' })
  })

  it('an exception that pays less wins by its priority', () => {
    const broad = rule({ ...alone, reward: percent(2000) }, { ruleId: 'broad' })
    const exception = rule({ ...alone, reward: percent(500), priority: 200 }, { ruleId: 'exception' })
    expect(amounts([broad, exception])).toEqual([['exception', 50n]])
  })

  it.each([
    ['has used up its cap', { caps: [{ per: 'rule', interval: 'total', amount: null, count: 0 }] }, 'cap_reached'],
    ['comes to less than a cent', { reward: percent(1) }, 'amount_too_small'],
  ] as const)('an exception that %s still keeps the others out', (_, terms, reason) => {
    const broad = rule({ reward: percent(2000) }, { ruleId: 'broad' })
    const exception = rule({ ...alone, priority: 200, ...(terms as Partial<RuleTerms>) }, { ruleId: 'exception' })
    const { grants, trace } = evaluate([broad, exception])
    expect(grants).toEqual([])
    expect(trace.map((one) => one.reason)).toEqual([reason, 'suppressed_by_priority'])
  })

  it('the two sides of a programme do not meet', () => {
    const referee = rule({ ...alone, beneficiary: 'referee', reward: fixed(7n) }, { ruleId: 'referee' })
    const referrer = rule({ ...alone, priority: 200 }, { ruleId: 'referrer' })
    expect(amounts([referee, referrer])).toEqual([
      ['referrer', 200n],
      ['referee', 7n],
    ])
  })
})

describe('a version that is tried out', () => {
  const trial = (kind: Trial['kind'], share = 100, fromMs = 0, toMs: number | null = null): Trial => ({
    kind,
    percent: share,
    fromMs,
    toMs,
  })
  const live = rule()
  const next = (trials: readonly Trial[], terms: Partial<RuleTerms> = { reward: percent(100) }) =>
    rule(terms, { version: 2, activeFromMs: null, trials })

  it('in shadow gives nothing and tells what it would have given, beside what counts', () => {
    const exclusive = next([trial('shadow')], { reward: percent(100), stacking: 'highestPriority', priority: 900 })
    const { grants, trace, reason } = evaluate([live, exclusive])
    expect(grants.map(({ ruleVersion }) => ruleVersion)).toEqual([1])
    expect(reason).toBeNull()
    expect(trace.map(({ version, mode, amount }) => [version, mode, amount])).toEqual([
      [2, 'shadow', 10],
      [1, undefined, 200],
    ])
    expect(evaluate([exclusive]).reason).toBe('no_rule')
  })

  it('as a canary takes over for its users, and for them alone', () => {
    const canary = next([trial('canary', 30)])
    const versions = Array.from({ length: 400 }, (_, index) => {
      const referral = { ...payment.referral, referrerId: `user-${index}` }
      const { grants } = evaluate([live, canary], { referral })
      expect(grants).toHaveLength(1)
      return grants[0]!.ruleVersion
    })
    const share = versions.filter((version) => version === 2).length / versions.length
    expect(share).toBeGreaterThan(0.2)
    expect(share).toBeLessThan(0.4)
  })

  it('as a canary of a new rule says to the others that it is not theirs yet', () => {
    const canary = next([trial('canary', 0.001)])
    expect(evaluate([canary]).reason).toBe('outside_canary')
  })

  it('is not looked at once it has ended, whatever other events are decided with it', () => {
    const ended = rule({}, { activeFromMs: 0, activeToMs: now - 1 })
    const ends = rule({}, { activeFromMs: 0, activeToMs: now })
    const withdrawn = rule({}, { version: 2, activeFromMs: now + 5, activeToMs: now + 5 })
    for (const versions of [[ended], [ends], [withdrawn], [ended, withdrawn]]) {
      expect(evaluate(versions)).toMatchObject({ trace: [], reason: 'no_rule' })
    }
    expect(evaluate([ended, rule({}, { activeFromMs: now })]).grants).toHaveLength(1)
  })

  it('that counts later says from when the rule does, not its newest version', () => {
    const versions = [
      rule({}, { activeFromMs: now + 1, activeToMs: now + 2 }),
      rule({}, { version: 2, activeFromMs: now + 2 }),
    ]
    expect(evaluate(versions).trace).toMatchObject([{ version: 1, reason: 'rule_not_active' }])
  })

  it('is tried out from its start to just before its end', () => {
    const during = (timeMs: number) =>
      evaluate([live, next([trial('shadow', 100, 10, 20)])], { timeMs }).trace.some(({ mode }) => mode === 'shadow')
    expect([9, 10, 19, 20].map(during)).toEqual([false, true, true, false])
  })
})

describe('in words', () => {
  const said = (terms: Partial<RuleTerms>, changes: Partial<Occasion> = {}) => {
    const { trace, reason } = evaluate([rule(terms)], changes)
    return explain({ outcome: reason === null ? 'processed' : 'ignored', reason, rules: trace }, () => ({
      name: 'Spring',
      currency: 'USD',
      tiersBy: null,
    }))
  }
  it.each([
    ['"Spring" (version 1) gave the referrer 2.00 USD.', {}, {}],
    [
      'gave the referrer 0.50 USD, of 2.00 USD, since its cap had no more left.',
      { caps: [{ per: 'user', interval: 'month', amount: 50n, count: null }] },
      {},
    ],
    ['gave nothing: the amount is 10.00 USD, and 50.00 USD is needed.', { minimumAmount: 5_000n }, {}],
    ['gave nothing: the event is in EUR, the rule in USD.', {}, { currency: 'EUR' }],
    [
      'gave nothing: nothing is left of its cap: 0 of 0 rewards per user and month.',
      { caps: [{ per: 'user', interval: 'month', amount: null, count: 0 }] },
      {},
    ],
  ] as const)('%s', (words, terms, changes) => {
    expect(said(terms as Partial<RuleTerms>, changes)).toContain(words)
  })

  it.each([
    ['no_referral', 'Nobody referred this customer'],
    ['not_registered_yet', 'decided again as soon as they do'],
    ['nothing_to_resume', 'None of its rewards was held for this dispute'],
    ['dispute_outdated', 'ruled on'],
    ['something_new', 'Nothing came of it: something new.'],
  ])('where no rule was asked: %s', (reason, words) => {
    expect(explain({ outcome: 'ignored', reason, rules: [] }, () => null)).toContain(words)
  })

  it.each([
    ['payment.refunded', 'Money went back to the customer, and what the rewards were too much by was taken back.'],
    ['payment.disputed', 'The dispute changed rewards of this payment: they were held, let go or taken back.'],
    ['user.registered', 'It was processed; no rule was asked.'],
  ])('where %s had an effect', (type, words) => {
    expect(explain({ type, outcome: 'processed', reason: null, rules: [] }, () => null)).toBe(words)
  })
})
