import type { Envelope } from '@tributary/contracts'
import { expect, test } from 'vitest'
import type { RuleVersion } from '../src/domain/rule.ts'
import { backtest } from '../src/steps/backtest.ts'
import { listRulesFor, type RuleDefinition, termsOf } from '../src/store/rules.ts'
import { openCounter } from './counter.ts'
import { custom, type Desk, openDesk, paid, refunded, registered, screened, seedReferrer, seedRule } from './desk.ts'

const fixed = (amount: number) => ({ kind: 'fixed', amount, currency: 'USD' })
const tiers = [
  { from: 1, basisPoints: 1_000 },
  { from: 3, basisPoints: 2_000 },
]

/** Rules of every kind, that get in each other's way. */
async function seedRules(desk: Desk): Promise<void> {
  await seedRule(desk, { caps: [{ per: 'user', interval: 'day', count: 3 }] })
  await seedRule(desk, { reward: fixed(300), caps: [{ per: 'rule', interval: 'total', amount: 5_000 }] })
  await seedRule(desk, { reward: { kind: 'tiers', by: 'conversions', tiers } })
  await seedRule(desk, { beneficiary: 'referee', recurring: { periods: 2 }, reward: fixed(10) })
  await seedRule(desk, {
    priority: 500,
    stacking: 'highestPriority',
    reward: { kind: 'percent', basisPoints: 100 },
    condition: "event.data.productId == 'small' && referrer.conversions < 4",
    caps: [{ per: 'referral', interval: 'month', amount: 40 }],
  })
  await seedRule(desk, {
    eventType: 'course.done',
    reward: fixed(7),
    caps: [{ per: 'rule', interval: 'month', count: 9 }],
  })
  await seedRule(desk, {
    eventType: 'user.registered',
    reward: fixed(50),
    caps: [{ per: 'rule', interval: 'total', count: 4 }],
  })
}

/** The same numbers each time, so that a failure can be looked at. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const at = (day: number, hour: number) => new Date(Date.UTC(2026, 3, day, hour)).toISOString()

/** A history in which events come late, wait for registrations, meet caps and are taken back. */
async function live(desk: Desk, rounds: number): Promise<void> {
  const roll = dice(7)
  const codes = ['ann', 'eve']
  for (const code of codes) await seedReferrer(desk, code)
  let invoices = 0
  for (let round = 0; round < rounds; round++) {
    const day = 1 + Math.max(0, round - roll(6))
    const payments: Envelope[] = Array.from({ length: 1 + roll(4) }, () => {
      const customer = `c-${roll(12)}`
      const productId = roll(3) === 0 ? 'small' : 'large'
      const payment = paid(customer, `i-${invoices++}`, 100 + roll(4_000), {
        at: at(day, roll(24)),
        subscriptionId: `s-${customer}`,
      })
      return { ...payment, data: { ...(payment.data as object), productId } }
    })
    await desk.handle(...payments)
    await desk.handle(custom('course.done', `c-${roll(12)}`, {}, { at: at(day, roll(24)) }))
    const customer = `c-${roll(12)}`
    await desk.handle(registered(customer, { referralCode: codes[roll(2)]!, at: at(1, roll(24)) }))
    if (roll(3) === 0) await desk.handle(refunded(`i-${roll(invoices)}`, `r-${round}`, 50 + roll(2_000)))
    const [reward] = await desk.rows<{ id: string }>('select id from rewards order by id limit 1 offset ?', roll(60))
    if (reward && roll(5) === 0) await desk.handle(screened(reward.id, 'failed'))
  }
}

const rulesOf = async (desk: Desk, type: string): Promise<readonly RuleVersion[]> =>
  (await listRulesFor(desk.db, [type], new Date(0))).get(type) ?? []

async function run(desk: Desk, type: string, rules: readonly RuleVersion[], from: string, to: string) {
  const done = await backtest(desk.db, type, rules, { from: new Date(from), to: new Date(to) })
  if (done.kind !== 'done') throw new Error('expected a result')
  return done.result
}

test('the rules that counted would have given exactly what they gave, over any period', async () => {
  const desk = await openDesk()
  await seedRules(desk)
  await live(desk, 40)
  const [given] = await desk.rows<{ n: number; capped: number; back: number }>(
    `select count(*)::int as n, (select count(*)::int from decisions where trace::text like '%cap_reached%') as capped,
       (select count(*)::int from occasions where kind = 'returned') as back from rewards`,
  )
  // The history is worth replaying.
  expect(given!.n).toBeGreaterThan(60)
  expect(given!.capped).toBeGreaterThan(10)
  expect(given!.back).toBeGreaterThan(3)
  for (const type of ['subscription.paid', 'course.done', 'user.registered']) {
    const rules = await rulesOf(desk, type)
    for (const [from, to] of [
      ['2026-04-01T00:00:00Z', '2026-06-01T00:00:00Z'],
      ['2026-04-10T00:00:00Z', '2026-04-20T00:00:00Z'],
      ['2026-04-17T06:00:00Z', '2026-04-17T18:00:00Z'],
    ] as const) {
      const result = await run(desk, type, rules, from, to)
      expect([type, from, result.examples, result.differences]).toEqual([type, from, [], 0])
      const [actual] = await desk.rows<{ sum: number }>(
        `select coalesce(sum(granted), 0)::int as sum from rewards join rule_versions using (rule_id)
         where event_type = ? and earned_at >= ? and earned_at < ?`,
        type,
        from,
        to,
      )
      const sums = [...result.rules.values()].map(({ simulated }) => Number(simulated.amount))
      expect(sums.reduce((total, one) => total + one, 0)).toBe(actual!.sum)
    }
  }
})

test('another rule in its place is told apart, by rule, by user and by event', async () => {
  const desk = await openDesk()
  const ruleId = await seedRule(desk)
  const ann = await seedReferrer(desk)
  await desk.handle(registered('bob', { referralCode: 'ann', at: at(1, 0) }))
  const first = paid('bob', 'i-1', 1_000, { at: at(2, 0) })
  await desk.handle(first, paid('bob', 'i-2', 2_000, { at: at(3, 0) }), paid('bob', 'i-3', 4_000, { at: at(9, 0) }))
  const [definition] = (await desk.rows<{ definition: RuleDefinition }>('select definition from rule_versions'))!
  const terms = termsOf({
    ...definition!.definition,
    reward: { kind: 'percent', basisPoints: 1_000 },
    caps: [{ per: 'user', interval: 'total', amount: 150 }],
  })
  const draft = { ruleId, version: 2, activeFromMs: 0, activeToMs: null, trials: [], terms }
  const result = await run(desk, 'subscription.paid', [draft], at(1, 0), at(5, 0))
  expect(result.events).toBe(2)
  expect([...result.rules.values()]).toEqual([
    { currency: 'USD', simulated: { rewards: 2, amount: 150n }, actual: { rewards: 2, amount: 600n } },
  ])
  expect([...result.users.values()]).toEqual([{ userId: ann, currency: 'USD', simulated: 150n, actual: 600n }])
  expect(result.examples[0]).toEqual({
    eventId: first.subject,
    ruleId,
    beneficiary: 'referrer',
    simulated: 100n,
    actual: 200n,
  })
  // What was stored stays as it was: nothing was spent, nothing granted.
  expect(await desk.rows('select * from cap_counters')).toEqual([])
  expect(await desk.rows('select count(*)::int as n from rewards')).toEqual([{ n: 3 }])
})

test('asked over HTTP it answers, and says what is wrong with the question', async () => {
  const counter = await openCounter()
  const desk = await openDesk(counter.service.database)
  const ruleId = await seedRule(desk)
  await seedReferrer(desk)
  await desk.handle(registered('bob', { referralCode: 'ann', at: at(1, 0) }))
  await desk.handle(paid('bob', 'i-1', 1_000, { at: at(2, 0) }))
  const period = { from: at(1, 0), to: at(9, 0) }
  const path = '/api/v1/reward-rules/backtest'
  expect(await counter.ask('POST', path, { ruleId, ...period })).toMatchObject({
    status: 200,
    body: { events: 1, ruleId, isSame: true, differences: 0, usersAffected: 0, users: [] },
  })
  const rule = {
    name: 'half',
    eventType: 'subscription.paid',
    currency: 'USD',
    reward: { kind: 'percent', basisPoints: 5_000 },
  }
  const instead = await counter.ask('POST', path, { ruleId, rule, ...period })
  expect(instead.body).toMatchObject({
    isSame: false,
    budget: {
      currency: 'USD',
      simulated: { rewards: 1, amount: 500 },
      actual: { rewards: 1, amount: 200 },
      difference: 300,
    },
    usersAffected: 1,
    users: [{ simulated: 500, actual: 200, difference: 300 }],
  })
  const beside = await counter.ask('POST', path, { rule, ...period })
  expect(beside.body).toMatchObject({ budget: { difference: 500 }, usersAffected: 1 })
  const unknown = '01900000-0000-7000-8000-000000000000'
  for (const [body, status, at] of [
    [period, 422, '/rule'],
    [{ rule, from: period.to, to: period.from }, 422, '/to'],
    [{ rule: { ...rule, condition: 'nonsense' }, ...period }, 422, '/rule/condition'],
    [{ ruleId, version: 2, rule, ...period }, 422, '/version'],
    [{ ruleId: unknown, ...period }, 404, undefined],
    [{ ruleId, version: 9, ...period }, 404, undefined],
  ] as const) {
    const answer = await counter.ask('POST', path, body)
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([status, at])
  }
})
