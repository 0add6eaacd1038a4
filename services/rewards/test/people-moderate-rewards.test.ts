import { beforeAll, expect, test } from 'vitest'
import { type Counter, openCounter } from './counter.ts'
import { type Desk, disputed, openDesk, paid, refunded, registered, screened, seedReferrer, seedRule } from './desk.ts'

let counter: Counter
let desk: Desk
let count = 0

beforeAll(async () => {
  counter = await openCounter()
  desk = await openDesk(counter.service.database)
  await seedReferrer(desk)
  await seedRule(desk, { holdingDays: 3650 })
  await desk.handle(registered('bob', { referralCode: 'ann' }))
})

/** A reward of 200 of its own, its invoice, and its commands. */
async function earn() {
  const invoice = `inv-${++count}`
  await desk.handle(paid('bob', invoice, 1000))
  const [row] = await desk.rows<{ id: string }>('select id from rewards where cause = ?', `invoice:${invoice}`)
  const path = `/api/v1/rewards/${row!.id}`
  const post = (verb: string, body: object, key = `${verb}-${count}-${Math.random()}`) =>
    counter.ask('POST', `${path}/${verb}`, body, ['rewards:write'], { key, kind: 'person', id: 'eve' })
  const said = async () =>
    (await desk.said('reward.%'))
      .filter(({ data }) => data.rewardId === row!.id)
      .map(({ type, data }) => [type, data.amount])
  return { id: row!.id, invoice, post, said, get: async () => (await counter.ask('GET', path)).body }
}

test('a reversal takes a part or all, once per key, and is kept with who and why', async () => {
  const reward = await earn()
  const part = { amount: 50, reason: 'Paid twice for the same friend' }
  expect(await reward.post('reverse', part, 'key-1')).toMatchObject({
    status: 200,
    body: { status: 'pending', reversed: { amount: 50 }, remaining: { amount: 150 } },
  })
  expect((await reward.post('reverse', part, 'key-1')).body).toMatchObject({ reversed: { amount: 50 } })
  expect(await reward.post('reverse', { ...part, amount: 51 }, 'key-1')).toMatchObject({
    status: 409,
    body: { code: 'idempotency_conflict' },
  })
  expect(await reward.post('reverse', { reason: 'All of it' })).toMatchObject({ body: { status: 'reversed' } })
  expect(await reward.said()).toEqual([
    ['reward.earned', 200],
    ['reward.reversed', 50],
    ['reward.reversed', 150],
  ])
  expect((await reward.get()) as object).toMatchObject({
    transactions: [
      { kind: 'earned', doneBy: null, note: null },
      { kind: 'reversed', reason: 'moderation', doneBy: 'person:eve', note: 'Paid twice for the same friend' },
      { kind: 'reversed', doneBy: 'person:eve', note: 'All of it' },
    ],
  })
})

test.each([
  ['zero', { amount: 0, reason: 'x' }, 'payload_invalid'],
  ['a negative amount', { amount: -1, reason: 'x' }, 'payload_invalid'],
  ['half a cent', { amount: 0.5, reason: 'x' }, 'payload_invalid'],
  ['an amount beyond numbers', { amount: 2 ** 53, reason: 'x' }, 'payload_invalid'],
  ['no reason', { amount: 1 }, 'payload_invalid'],
  ['an empty reason', { amount: 1, reason: '' }, 'payload_invalid'],
  ['more than is left', { amount: 201, reason: 'x' }, 'reward_state_conflict'],
])('a reversal of %s is refused', async (_, body, code) => {
  const reward = await earn()
  const refused = await reward.post('reverse', body)
  expect(refused).toMatchObject({ status: code === 'payload_invalid' ? 422 : 409, body: { code } })
  if (code === 'reward_state_conflict') {
    expect(refused.body).toMatchObject({ detail: 'only 200 of 200 are left of it' })
  }
  expect(await reward.said()).toEqual([['reward.earned', 200]])
})

test('a reversal needs a key, a scope and a reward', async () => {
  const reward = await earn()
  const path = `/api/v1/rewards/${reward.id}/reverse`
  const body = { reason: 'x' }
  expect((await counter.ask('POST', path, body)).body).toMatchObject({ code: 'idempotency_key_missing' })
  expect((await counter.ask('POST', path, body, ['rewards:read'])).body).toMatchObject({ code: 'scope_required' })
  const nobody = '/api/v1/rewards/01900000-0000-7000-8000-000000000000'
  for (const verb of ['reverse', 'hold', 'resume']) {
    const refused = await counter.ask('POST', `${nobody}/${verb}`, body, undefined, { key: `nobody-${verb}` })
    expect(refused.body).toMatchObject({ code: 'not_found' })
  }
})

test("a person's hold is its own: neither fraud nor a dispute lifts it, and it lifts neither", async () => {
  const reward = await earn()
  expect((await reward.post('hold', { reason: 'Looks odd' })).body).toMatchObject({ status: 'held', holds: ['person'] })
  expect(await reward.post('hold', { reason: 'Again' })).toMatchObject({
    status: 409,
    body: { detail: 'people hold it already' },
  })
  await desk.handle(screened(reward.id, 'held', 1))
  await desk.handle(disputed(reward.invoice, 'd-1', 'opened'))
  await desk.handle(screened(reward.id, 'passed', 2))
  expect(await reward.get()).toMatchObject({ status: 'held', holds: ['person', 'dispute:d-1'] })
  expect((await reward.post('resume', { reason: 'Fine' })).body).toMatchObject({
    status: 'held',
    holds: ['dispute:d-1'],
  })
  expect(await reward.post('resume', { reason: 'Fine' })).toMatchObject({
    status: 409,
    body: { detail: 'people do not hold it: that is the hold of the dispute d-1' },
  })
  expect(await reward.said()).toEqual([
    ['reward.earned', 200],
    ['reward.held', 200],
  ])
  await desk.handle(disputed(reward.invoice, 'd-1', 'won'))
  expect((await reward.said()).at(-1)).toEqual(['reward.resumed', 200])
  expect((await reward.get()) as object).toMatchObject({
    holds: [],
    holdHistory: [
      { holder: 'person', action: 'placed', doneBy: 'person:eve', note: 'Looks odd', disputeId: null },
      { holder: 'fraud', action: 'placed', doneBy: null, transactionId: null },
      { holder: 'dispute', action: 'placed', disputeId: 'd-1', reason: 'dispute_opened' },
      { holder: 'fraud', action: 'lifted' },
      { holder: 'person', action: 'lifted', note: 'Fine' },
      { holder: 'dispute', action: 'lifted', reason: 'dispute_won' },
    ],
  })
  expect((await counter.ask('GET', '/api/v1/rewards?status=held&limit=200')).body.items).toEqual([])
})

test('a refund takes only what is missing of its share after what people took back', async () => {
  const reward = await earn()
  await reward.post('reverse', { amount: 80, reason: 'Half a friend' })
  await desk.handle(refunded(reward.invoice, 'r-1', 250))
  await desk.handle(refunded(reward.invoice, 'r-2', 250))
  expect((await reward.said()).slice(1)).toEqual([
    ['reward.reversed', 80],
    ['reward.reversed', 20],
  ])
})

test('of commands that come at the same time each sees what the one before left', async () => {
  const reward = await earn()
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => reward.post('reverse', { amount: 60, reason: 'race' }, `race-${index}`)),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
  expect(answers.filter(({ body }) => (body as { code?: string }).code === 'reward_state_conflict')).toHaveLength(5)
  expect((await reward.get()) as object).toMatchObject({ remaining: { amount: 20 } })
})

test('what a person holds is not released, due and passed as it is, until a person lifts it', async () => {
  const reward = await earn()
  const before = desk.now()
  await reward.post('hold', { reason: 'Looks odd' })
  await desk.handle(screened(reward.id, 'passed', 1))
  desk.setNow(new Date('2040-01-01T00:00:00Z'))
  await desk.work('release-matured-rewards')
  expect(await reward.get()).toMatchObject({ status: 'held', holds: ['person'] })
  await reward.post('resume', { reason: 'Fine' })
  await desk.work('release-matured-rewards')
  await desk.work('release-matured-rewards')
  desk.setNow(before)
  const said = (await reward.said()).map(([type]) => type)
  expect(said).toEqual(['reward.earned', 'reward.held', 'reward.resumed', 'reward.released'])
})
