import { AMOUNT_MAX } from '@tributary/money'
import { beforeAll, expect, test } from 'vitest'
import { type Counter, openCounter } from './counter.ts'
import { type Desk, openDesk, paid, registered, seedReferrer, seedRule } from './desk.ts'

let counter: Counter
let desk: Desk
const most = Number(AMOUNT_MAX)

beforeAll(async () => {
  counter = await openCounter()
  desk = await openDesk(counter.service.database)
  await seedReferrer(desk)
  await desk.handle(registered('bob', { referralCode: 'ann', at: '2026-04-01T00:00:00Z' }))
})

const ask = (ruleId: string, from: string, to: string) =>
  counter.ask('POST', '/api/v1/reward-rules/backtest', { ruleId, from, to })

test('nothing happened, or nothing yet: it gives nothing and says so', async () => {
  const ruleId = await seedRule(desk, { eventType: 'nothing.happened' })
  for (const [from, to] of [
    ['2000-01-01T00:00:00Z', '2000-01-01T00:00:01Z'],
    ['2099-01-01T00:00:00Z', '2099-12-31T23:59:59Z'],
    ['2000-01-01T00:00:00Z', '2099-12-31T23:59:59Z'],
  ] as const) {
    expect(await ask(ruleId, from, to)).toMatchObject({
      status: 200,
      body: { events: 0, isSame: true, unreadable: 0, budget: null, rules: [], users: [] },
    })
  }
})

test('sums that no JSON number holds are refused, and a shorter period is answered to the unit', async () => {
  const reward = { kind: 'fixed', amount: most, currency: 'USD' }
  const ruleId = await seedRule(desk, { reward, caps: [{ per: 'rule', interval: 'day', count: 1 }] })
  await desk.handle(paid('bob', 'i-1', most, { at: '2026-04-02T00:00:00Z' }))
  await desk.handle(paid('bob', 'i-2', most, { at: '2026-04-03T00:00:00Z' }))
  expect(await ask(ruleId, '2000-01-01T00:00:00Z', '2026-04-03T00:00:00Z')).toMatchObject({
    status: 200,
    body: { isSame: true, budget: { simulated: { amount: most }, actual: { amount: most } } },
  })
  const { status, body } = await ask(ruleId, '2000-01-01T00:00:00Z', '2099-12-31T23:59:59Z')
  expect([status, body.errors]).toEqual([
    422,
    [{ path: '/from', message: `sums come to more than ${most}; ask for a shorter period` }],
  ])
})

test('damaged entries of the history are left out, and counted', async () => {
  const ruleId = await seedRule(desk, {
    eventType: 'course.done',
    reward: { kind: 'fixed', amount: 1, currency: 'USD' },
  })
  const damaged = [
    '{}',
    'null',
    '[]',
    '"text"',
    '{"amount": -1}',
    '{"ruleId": "r", "beneficiary": "referrer", "amount": 1, "granted": 0, "remaining": 0}',
    '{"amount": 1e300, "currency": null, "referral": {}, "attributedMs": 0, "conversions": 0, "converts": false, "invoice": null, "data": {}}',
  ]
  for (const seen of damaged) {
    for (const [kind, type] of [
      ['asked', 'course.done'],
      ['returned', ''],
    ] as const) {
      await desk.rows(
        `insert into occasions (kind, event_id, type, happened_at, cause, seen, recorded_at)
         values (?, gen_random_uuid(), ?, '2026-05-05', 'custom:x', ?::jsonb, now())`,
        kind,
        type,
        seen,
      )
    }
  }
  // A damaged return at the very end lies after the last event that anybody asks about.
  expect(await ask(ruleId, '2026-05-01T00:00:00Z', '2026-06-01T00:00:00Z')).toMatchObject({
    status: 200,
    body: { events: 0, isSame: false, unreadable: 2 * damaged.length - 1 },
  })
})
