import type { Plan } from '@tributary/contracts'
import { tellPlan } from '@tributary/testing'
import { expect, it } from 'vitest'
import { openCounter } from './counter.ts'
import { openDesk, paid, refunded, registered, screened, seedReferrer, seedRule } from './desk.ts'

const rule = { name: 'a rule', eventType: 'subscription.paid', currency: 'USD' }
const percent = { kind: 'percent', basisPoints: 1_000 }
const tiers = { kind: 'tiers', by: 'conversions', tiers: [{ from: 1, basisPoints: 1_000 }] }

const cases: readonly (readonly [string, Plan, object])[] = [
  ['a percentage', 'free', { reward: percent }],
  ['caps and a holding period', 'free', { reward: percent, holdingDays: 14, caps: [caps()] }],
  ['tiers', 'growth', { reward: tiers }],
  ['recurrence', 'growth', { reward: percent, recurring: { periods: 12 } }],
  ['the referee', 'growth', { reward: percent, beneficiary: 'referee' }],
  ['a condition', 'pro', { reward: percent, condition: 'event.amount > 5' }],
  ['shadow', 'pro', { reward: percent, mode: 'shadow' }],
]

function caps() {
  return { per: 'user', interval: 'month', count: 10 }
}

it('each kind of rule can be written from its plan on, and not before', async () => {
  const counter = await openCounter()
  const plans: readonly Plan[] = ['free', 'growth', 'pro', 'enterprise']
  for (const [index, plan] of plans.entries()) {
    await tellPlan(counter.service.database, plan, index)
    for (const [what, from, fields] of cases) {
      const isIn = index >= plans.indexOf(from)
      const made = await counter.ask('POST', '/api/v1/reward-rules', { ...rule, ...fields })
      const simulated = await counter.ask('POST', '/api/v1/reward-rules/simulate', {
        rule: { ...rule, ...fields },
        event: { type: 'subscription.paid', data: { externalUserId: 'u', amount: 100, currency: 'USD' } },
      })
      const seen = [made.status, made.body.code, simulated.status, simulated.body.code]
      const wanted = isIn ? [201, undefined, 200, undefined] : [403, 'plan_required', 403, 'plan_required']
      expect([what, plan, ...seen]).toEqual([what, plan, ...wanted])
    }
  }
}, 60_000)

it('what was written under a larger plan is not activated under a smaller one, nor tried out', async () => {
  const counter = await openCounter()
  const made = await counter.ask('POST', '/api/v1/reward-rules', { ...rule, reward: tiers })
  const plain = await counter.ask('POST', '/api/v1/reward-rules', { ...rule, reward: percent })
  const activate = async (id: string, body: object) =>
    (await counter.ask('POST', `/api/v1/reward-rules/${id}/activate`, { version: 1, ...body })).status
  const next = async () =>
    (await counter.ask('POST', `/api/v1/reward-rules/${made.body.id}/versions`, { ...rule, reward: tiers })).status
  await tellPlan(counter.service.database, 'free', 1)
  expect(await activate(made.body.id, {})).toBe(403)
  expect(await next()).toBe(403)
  await tellPlan(counter.service.database, 'growth', 2)
  expect(await activate(plain.body.id, { mode: 'shadow' })).toBe(403)
  await tellPlan(counter.service.database, 'pro', 3)
  expect(await activate(plain.body.id, { mode: 'canary', percent: 10 })).toBe(403)
  expect(await activate(plain.body.id, { mode: 'shadow' })).toBe(200)
  expect(await activate(made.body.id, {})).toBe(200)
  await tellPlan(counter.service.database, 'enterprise', 4)
  expect(await activate(plain.body.id, { mode: 'canary', percent: 10 })).toBe(200)
  // All that was written can be read on every plan, and ended.
  await tellPlan(counter.service.database, 'free', 5)
  expect((await counter.ask('GET', `/api/v1/reward-rules/${made.body.id}`)).status).toBe(200)
  expect((await counter.ask('POST', `/api/v1/reward-rules/${made.body.id}/retire`, {})).status).toBe(200)
}, 60_000)

it('reports and backtests are answered from their plan on', async () => {
  const counter = await openCounter()
  const csv = async (name: string) => (await counter.csv(`/api/v1/rewards-reports/${name}`)).includes('plan_required')
  const status = async (name: string) => (await counter.ask('GET', `/api/v1/rewards-reports/${name}`)).status
  const names = ['rule-costs', 'funnel', 'cohorts', 'top-referrers']
  const backtest = { rule: { ...rule, reward: percent }, from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' }
  const backtested = async () => (await counter.ask('POST', '/api/v1/reward-rules/backtest', backtest)).status
  const seen: unknown[] = []
  for (const [index, plan] of (['free', 'growth', 'pro'] as const).entries()) {
    await tellPlan(counter.service.database, plan, index)
    seen.push([await Promise.all(names.map(status)), await Promise.all(names.map(csv)), await backtested()])
  }
  expect(seen).toEqual([
    [[200, 403, 403, 403], [true, true, true, true], 403],
    [[200, 200, 200, 200], [true, true, true, true], 403],
    [[200, 200, 200, 200], [false, false, false, false], 200],
  ])
})

it('after a downgrade rules that need more stop deciding, what was granted goes on; after an upgrade they go on', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  const gated = await seedRule(desk, { reward: tiers, holdingDays: 0, stacking: 'highestPriority', priority: 200 })
  const plain = await seedRule(desk, { reward: percent, priority: 100 })
  await desk.handle(registered('u1', { referralCode: 'ann', at: '2026-05-01T00:00:00Z' }))
  let hour = 10
  const earnedBy = async (invoiceId: string) => {
    // Later than the one before, whose conversion counts for its tier.
    hour += 1
    await desk.handle(paid('u1', invoiceId, 10_000, { at: `2026-05-31T${hour}:00:00Z` }))
    const rows = await desk.rows<{ rule_id: string }>(
      'select rule_id from rewards where cause = ?',
      `invoice:${invoiceId}`,
    )
    return rows.map((row) => row.rule_id)
  }
  expect(await earnedBy('in_1')).toEqual([gated])
  await tellPlan(desk.database, 'free', 1)
  // It suppresses nobody any more, either.
  expect(await earnedBy('in_2')).toEqual([plain])
  const [decision] = await desk.rows<{ trace: { rules: object[] } }>(
    'select trace from decisions order by id desc limit 1',
  )
  expect(decision!.trace.rules[0]).toMatchObject({
    ruleId: gated,
    reason: 'plan_required',
    amount: 0,
    conditions: [{ condition: 'plan', seen: 'free', needed: 'growth', met: false }],
  })
  // Granted before: released, and taken back, as if nothing had happened.
  const [reward] = await desk.rows<{ id: string }>(`select id from rewards where cause = 'invoice:in_1'`)
  await desk.handle(screened(reward!.id, 'passed'))
  await desk.work('release-matured-rewards')
  expect((await desk.said('reward.released')).map(({ data }) => data.rewardId)).toEqual([reward!.id])
  await desk.handle(refunded('in_1', 're_1', 5_000))
  expect((await desk.said('reward.reversed')).map(({ data }) => data.rewardId)).toEqual([reward!.id])
  await tellPlan(desk.database, 'growth', 2)
  expect(await earnedBy('in_3')).toEqual([gated])
})
