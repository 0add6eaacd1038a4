import { beforeAll, expect, test } from 'vitest'
import { type Counter, openCounter } from './counter.ts'

let counter: Counter
beforeAll(async () => {
  counter = await openCounter()
})

const percent = {
  name: '20%',
  eventType: 'subscription.paid',
  currency: 'USD',
  reward: { kind: 'percent', basisPoints: 2000 },
}
const create = (changes: object = {}) => counter.ask('POST', '/api/v1/reward-rules', { ...percent, ...changes })

test('a rule is a draft with every default told, and counts once it is activated', async () => {
  const created = await create()
  expect(created).toMatchObject({
    status: 201,
    body: {
      ...percent,
      version: 1,
      status: 'draft',
      beneficiary: 'referrer',
      holdingDays: 0,
      minimumAmount: null,
      recurring: null,
      caps: [],
      condition: null,
      priority: 100,
      stacking: 'all',
      mode: 'active',
      activeFrom: null,
      createdBy: 'client:tests',
    },
  })
  const path = `/api/v1/reward-rules/${created.body.id}`
  const activated = await counter.ask('POST', `${path}/activate`, { version: 1 })
  expect(activated).toMatchObject({
    status: 200,
    body: { status: 'active', activatedBy: 'client:tests', activeTo: null },
  })
  // Whole seconds, since many senders' times are.
  expect(activated.body.activeFrom).toMatch(/\.000Z$/)
  expect(await counter.ask('POST', `${path}/activate`, { version: 1 })).toMatchObject({
    status: 409,
    body: { code: 'rule_state_conflict' },
  })
})

test('the next version takes over at its time, the one before keeps what it said', async () => {
  const { body: rule } = await create()
  const path = `/api/v1/reward-rules/${rule.id}`
  await counter.ask('POST', `${path}/activate`, { version: 1, activeFrom: '2026-01-01T00:00:00Z' })
  const second = await counter.ask('POST', `${path}/versions`, {
    ...percent,
    reward: { kind: 'percent', basisPoints: 500 },
  })
  expect(second).toMatchObject({ status: 201, body: { version: 2, status: 'draft' } })
  const early = await counter.ask('POST', `${path}/activate`, { version: 2, activeFrom: '2025-12-31T00:00:00Z' })
  expect(early).toMatchObject({ status: 409 })
  await counter.ask('POST', `${path}/activate`, { version: 2, activeFrom: '2026-02-01T00:00:00Z' })
  const { body } = await counter.ask('GET', path)
  expect(body).toMatchObject({ version: 2, status: 'active', reward: { basisPoints: 500 } })
  expect(body.versions).toMatchObject([
    { version: 2, status: 'active', activeFrom: '2026-02-01T00:00:00.000Z', activeTo: null },
    { version: 1, status: 'retired', activeTo: '2026-02-01T00:00:00.000Z', reward: { basisPoints: 2000 } },
  ])
})

test('a retired rule is over: no new version, no activation', async () => {
  const { body: rule } = await create()
  const path = `/api/v1/reward-rules/${rule.id}`
  await counter.ask('POST', `${path}/activate`, { version: 1 })
  await counter.ask('POST', `${path}/versions`, percent)
  expect(await counter.ask('POST', `${path}/retire`)).toMatchObject({ status: 200 })
  expect((await counter.ask('GET', path)).body.versions[1]).toMatchObject({
    status: 'retired',
    activeTo: expect.any(String),
  })
  expect(await counter.ask('POST', `${path}/activate`, { version: 2 })).toMatchObject({ status: 409 })
  expect(await counter.ask('POST', `${path}/versions`, percent)).toMatchObject({ status: 409 })
  expect(await counter.ask('POST', `${path}/retire`)).toMatchObject({ status: 409 })
})

test('rules are listed newest first, each once', async () => {
  const { body: older } = await create({ name: 'older' })
  const { body: newer } = await create({ name: 'newer' })
  await counter.ask('POST', `/api/v1/reward-rules/${older.id}/versions`, { ...percent, name: 'older, changed' })
  const { body } = await counter.ask('GET', '/api/v1/reward-rules?limit=2')
  expect(body.items.map(({ id, name }: { id: string; name: string }) => [id, name])).toEqual([
    [newer.id, 'newer'],
    [older.id, 'older, changed'],
  ])
  expect(body.nextCursor).toEqual(expect.any(String))
})

const fixed = { kind: 'fixed', amount: 500, currency: 'USD' }
const tiers = (...all: object[]) => ({ reward: { kind: 'tiers', by: 'conversions', tiers: all } })

test.each([
  ['more than all of it', { reward: { kind: 'percent', basisPoints: 10_001 } }, '/reward/basisPoints'],
  ['a fraction of a cent', { reward: { ...fixed, amount: 0.5 } }, '/reward/amount'],
  ['less than nothing', { reward: { ...fixed, amount: -1 } }, '/reward/amount'],
  ['another currency than its own', { reward: { ...fixed, currency: 'EUR' } }, '/reward/currency'],
  ['an unknown currency', { currency: 'ZZZ' }, '/currency'],
  ['more than all of it in a tier', tiers({ from: 1, basisPoints: 10_001 }), '/reward/tiers/0/basisPoints'],
  ['tiers that overlap', tiers({ from: 1, basisPoints: 1 }, { from: 1, basisPoints: 2 }), '/reward/tiers/1/from'],
  ['tiers out of order', tiers({ from: 5, basisPoints: 1 }, { from: 2, basisPoints: 2 }), '/reward/tiers/1/from'],
  ['a tier that gives nothing', tiers({ from: 1 }), '/reward/tiers/0'],
  ['a tier that gives twice', tiers({ from: 1, basisPoints: 1, amount: 1 }), '/reward/tiers/0'],
  ['no tiers', tiers(), '/reward/tiers'],
  ['a cap of nothing', { caps: [{ per: 'user', interval: 'day' }] }, '/caps/0'],
  ['a cap below one', { caps: [{ per: 'user', interval: 'day', count: 0 }] }, '/caps/0/count'],
  ['a cap by the hour', { caps: [{ per: 'user', interval: 'hour', count: 1 }] }, '/caps/0/interval'],
  [
    'two caps of a kind',
    {
      caps: [
        { per: 'user', interval: 'day', count: 1 },
        { per: 'user', interval: 'day', amount: 1 },
      ],
    },
    '/caps/1',
  ],
  ['a time zone of its own', { timeZone: 'Mars/Olympus' }, '/timeZone'],
  ['a condition that is no question', { condition: 'event.amount' }, '/condition'],
  ['a condition that does not parse', { condition: 'event.amount >' }, '/condition'],
  ['a condition of the wrong types', { condition: "event.amount > 'a'" }, '/condition'],
  ['a condition with a pattern', { condition: "event.currency.matches('(a+)+$')" }, '/condition'],
  ['a condition too long', { condition: `event.amount > 0 ${' '.repeat(2_000)}` }, '/condition'],
  ['an invoice asked of a course', { eventType: 'course.done', condition: 'invoice.period == 1' }, '/condition'],
  ['courses that recur', { eventType: 'course.done', recurring: { periods: 12 } }, '/recurring'],
  ['no period at all', { recurring: { periods: 0 } }, '/recurring/periods'],
  ['a mode of its own', { mode: 'quiet' }, '/mode'],
  ['an end at its start', { validFrom: '2026-02-01T00:00:00Z', validTo: '2026-02-01T00:00:00Z' }, '/validTo'],
  ['an end before its start', { validFrom: '2026-02-01T00:00:00Z', validTo: '2026-01-01T00:00:00Z' }, '/validTo'],
  ['a share of a registration', { eventType: 'user.registered' }, '/reward/kind'],
  ['a minimum for a registration', { eventType: 'user.registered', reward: fixed, minimumAmount: 1 }, '/minimumAmount'],
  ['a refund to reward', { eventType: 'payment.refunded' }, '/eventType'],
  ['an unknown field', { bonus: 1 }, '/bonus'],
])('a rule with %s is refused, and where', async (_, changes, path) => {
  const answer = await create(changes)
  expect(answer).toMatchObject({ status: 422, body: { code: 'payload_invalid' } })
  expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual([path])
})

test('a condition that is refused says what is wrong, and where in it', async () => {
  const { body } = await create({ condition: "event.amount > 1 && customer.age > 'a'" })
  expect(body.errors).toEqual([{ path: '/condition', message: 'Unknown variable: customer (at character 21)' }])
})

test('more than all of the payment is taken where that is meant', async () => {
  const reward = { kind: 'percent', basisPoints: 15_000, allowOver100Percent: true }
  expect(await create({ reward })).toMatchObject({ status: 201, body: { reward } })
})

test('a cap below the reward is taken, with a warning', async () => {
  const caps = [{ per: 'user', interval: 'month', amount: 499 }]
  const { status, body } = await create({ reward: fixed, caps })
  expect(status).toBe(201)
  expect(body.warnings).toEqual([{ path: '/caps/0/amount', message: expect.stringContaining('is below the reward') }])
  expect((await create({ reward: fixed, caps: [{ ...caps[0], amount: 500 }] })).body.warnings).toEqual([])

  const blind = await create({ condition: "event.data.email == 'a@example.com' || event.data['ip'] == '::1'" })
  expect(blind.body.warnings.map(({ path, message }) => [path, message.split(' ')[0]])).toEqual([
    ['/condition', 'event.data.email'],
    ['/condition', 'event.data.ip'],
  ])
})

const perfect =
  "event.type == 'subscription.paid' && event.currency in ['EUR', 'USD'] && event.amount >= 1 && 0 <= referrer.conversions"
test.each([
  ["event.type == 'user.registered'", 'is never true at character 1: event.type is always subscription.paid'],
  ["!('user.registered' == event.type)", 'is never true at character 3'],
  ["event.type != 'subscription.paid'", 'is never true'],
  ["event.currency in ['EUR', 'GBP']", 'event.currency is always USD'],
  ['event.amount < 1', 'event.amount is from 1 to 9007199254740991'],
  ['event.amount > 9007199254740991', 'is never true'],
  ['99999999999999999999 <= event.amount', 'is never true'],
  ['referrer.conversions > 10000', 'referrer.conversions is from 0 to 10000'],
  ['referral.ageDays == -1', 'is never true'],
  ["event.data['e' + 'mail'] == 'x'", 'the name of a field is put together (at character'],
  ["event.data[event.currency] == 'x'", 'the name of a field is put together'],
])('the condition %s is taken, with a warning', async (condition, message) => {
  const { status, body } = await create({ condition })
  expect([status, body.warnings]).toEqual([201, [{ path: '/condition', message: expect.stringContaining(message) }]])
})

test('a condition that can be met has no warning, nor have tiers that can be reached', async () => {
  expect((await create({ condition: perfect })).body.warnings).toEqual([])
  expect((await create({ condition: "event.data.tags[0] == 'a' || event.data.seats > 1e300" })).body.warnings).toEqual(
    [],
  )
  const tiers = (from: number, by = 'conversions') => ({ kind: 'tiers', by, tiers: [{ from, basisPoints: 1 }] })
  expect((await create({ reward: tiers(10_000) })).body.warnings).toEqual([])
  expect((await create({ reward: tiers(10_001, 'amount') })).body.warnings).toEqual([])
  expect((await create({ reward: tiers(10_001) })).body.warnings).toEqual([
    { path: '/reward/tiers/0/from', message: 'is never reached: conversions are counted up to 10000' },
  ])
  expect(await create({ condition: 'event.amount > 1e400' })).toMatchObject({ status: 422 })
})

test('a rule stays with its type of event', async () => {
  const { body: rule } = await create()
  const next = { ...percent, eventType: 'course.done' }
  expect(await counter.ask('POST', `/api/v1/reward-rules/${rule.id}/versions`, next)).toMatchObject({ status: 409 })
})

test('unknown rules and versions are not found', async () => {
  const path = '/api/v1/reward-rules/01900000-0000-7000-8000-000000000000'
  for (const [method, rest, body] of [
    ['GET', ''],
    ['POST', '/activate', { version: 1 }],
    ['POST', '/retire'],
    ['POST', '/versions', percent],
  ] as const) {
    expect(await counter.ask(method, path + rest, body)).toMatchObject({ status: 404 })
  }
  const { body: rule } = await create()
  expect(await counter.ask('POST', `/api/v1/reward-rules/${rule.id}/activate`, { version: 2 })).toMatchObject({
    status: 404,
  })
})
