import { beforeAll, expect, test } from 'vitest'
import { type Counter, openCounter } from './counter.ts'
import { type Desk, openDesk, paid, registered, seedReferrer, seedRule } from './desk.ts'

let counter: Counter
let desk: Desk
beforeAll(async () => {
  counter = await openCounter()
  desk = await openDesk(counter.service.database)
  await seedReferrer(desk)
  await desk.handle(registered('bob', { referralCode: 'ann', at: '2026-01-02T00:00:00Z' }))
})

const percent = (basisPoints: number, eventType: string, changes: object = {}) => ({
  name: `${basisPoints} of ${eventType}`,
  eventType,
  currency: 'USD',
  reward: { kind: 'percent', basisPoints },
  ...changes,
})
const post = (path: string, body: object) => counter.ask('POST', `/api/v1/reward-rules${path}`, body)
const create = async (rule: object) => (await post('', rule)).body.id
const now = () => counter.service.clock.now()
const soon = (ms: number) => new Date(now().getTime() + ms).toISOString()

test('a version goes from draft over shadow and canary to active, and everybody can see who let it, when and why', async () => {
  const id = await create(percent(1_000, 'life.whole'))
  const status = async () => (await counter.ask('GET', `/api/v1/reward-rules/${id}`)).body.status
  expect(await status()).toBe('draft')
  await post(`/${id}/activate`, { version: 1, mode: 'shadow', reason: 'look first' })
  expect(await status()).toBe('shadow')
  await post(`/${id}/activate`, { version: 1, mode: 'canary', percent: 10 })
  expect(await status()).toBe('canary')
  await post(`/${id}/activate`, { version: 1, mode: 'active', activeFrom: soon(3_600_000), reason: 'looks right' })
  const { body } = await counter.ask('GET', `/api/v1/reward-rules/${id}`)
  expect(['canary', 'scheduled']).toContain(body.status)
  expect(body.history).toMatchObject([
    { change: 'activated', version: 1, by: 'client:tests', reason: 'looks right' },
    { change: 'canaried', version: 1, reason: null },
    { change: 'shadowed', version: 1, reason: 'look first' },
    { change: 'drafted', version: 1 },
  ])
  expect(await post(`/${id}/activate`, { version: 1, mode: 'shadow' })).toMatchObject({ status: 409 })
})

test('a version that is to count later is scheduled until then', async () => {
  const id = await create(percent(1_000, 'life.later'))
  const activated = await post(`/${id}/activate`, { version: 1, activeFrom: soon(3_600_000) })
  expect(activated.body.status).toBe('scheduled')
  await post(`/${id}/retire`, { reason: 'never mind' })
  const { body } = await counter.ask('GET', `/api/v1/reward-rules/${id}`)
  expect([body.status, body.history[0]]).toMatchObject(['retired', { change: 'retired', reason: 'never mind' }])
})

test('a shadow says in the trace what it would have given, and gives nothing', async () => {
  const eventType = 'subscription.paid'
  const id = await create(percent(5_000, eventType, { mode: 'shadow' }))
  // Its own mode: nobody has to say it again.
  expect((await post(`/${id}/activate`, { version: 1 })).body.status).toBe('shadow')
  const payment = paid('bob', 'shadow-1', 1_000, { at: now().toISOString() })
  expect(await desk.handle(payment)).toEqual([{ kind: 'ignored', reason: 'no_rule' }])
  expect(await desk.rows('select * from rewards')).toEqual([])
  const { body } = await counter.ask('GET', `/api/v1/decisions?eventId=${payment.subject}`)
  expect(body.items[0]).toMatchObject({ trace: { rules: [{ ruleId: id, mode: 'shadow', amount: 500 }] } })
  expect(body.items[0]!.explanation).toContain('only watches: it would have given the referrer 5.00 USD')
  await post(`/${id}/retire`, {})
  await desk.handle(paid('bob', 'shadow-2', 1_000, { at: soon(60_000) }))
  expect(await desk.rows(`select count(*)::int as n from decisions where trace::text like '%shadow%'`)).toEqual([
    { n: 1 },
  ])
})

test.each([
  ['a canary of nobody knows how many', { mode: 'canary' }, '/percent'],
  ['a canary of everybody', { mode: 'canary', percent: 100 }, '/percent'],
  ['a share without a canary', { percent: 10 }, '/percent'],
  ['a shadow of the past', { mode: 'shadow', activeFrom: '2026-01-01T00:00:00Z' }, '/activeFrom'],
])('%s is refused', async (_, changes, path) => {
  const id = await create(percent(1, 'life.refused'))
  const answer = await post(`/${id}/activate`, { version: 1, ...changes })
  expect([answer.status, answer.body.errors[0]?.path]).toEqual([422, path])
})

test('a simulation asks caps and spends nothing', async () => {
  const rule = percent(1_000, 'subscription.paid', { caps: [{ per: 'user', interval: 'total', amount: 60 }] })
  const event = { type: 'subscription.paid', data: { externalUserId: 'bob', amount: 1_000, currency: 'USD' } }
  for (let time = 0; time < 2; time++) {
    const { body } = await post('/simulate', { rule, event })
    expect(body).toMatchObject({ outcome: 'processed', rewards: [{ amount: { amount: 60, currency: 'USD' } }] })
    expect(body.explanation).toContain('gave the referrer 0.60 USD, of 1.00 USD, since its cap had no more left')
  }
  expect(await desk.rows('select * from cap_counters')).toEqual([])
})

test('why somebody got nothing is answered in words', async () => {
  const id = await create(percent(1_000, 'subscription.paid', { minimumAmount: 5_000 }))
  await post(`/${id}/activate`, { version: 1, activeFrom: '2026-01-01T00:00:00Z' })
  const [user] = await desk.rows<{ id: string }>(`select id from users where external_id = 'referrer-ann'`)
  await desk.handle(paid('bob', 'why-1', 1_000, { at: now().toISOString() }))
  const { body } = await counter.ask('GET', `/api/v1/decisions?userId=${user!.id}&limit=1`)
  expect(body.items[0]!.explanation).toBe(
    'No reward was earned. "1000 of subscription.paid" (version 1) gave nothing: the amount is 10.00 USD, and 50.00 USD is needed.',
  )
})

test('a rule of before, which nobody could write today, can still be read', async () => {
  const id = await seedRule(desk, {
    name: ' ',
    eventType: 'a.b.c.d.e',
    reward: { kind: 'fixed', amount: 5, currency: 'USD' },
  })
  expect(await counter.ask('GET', `/api/v1/reward-rules/${id}`)).toMatchObject({ status: 200, body: { name: ' ' } })
  expect(await counter.ask('GET', '/api/v1/reward-rules?limit=200')).toMatchObject({ status: 200 })
})
