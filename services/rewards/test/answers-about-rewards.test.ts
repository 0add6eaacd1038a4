import { beforeAll, expect, test } from 'vitest'
import { type Counter, openCounter } from './counter.ts'
import { type Desk, openDesk, paid, refunded, registered, screened, seedReferrer, seedRule } from './desk.ts'

let counter: Counter
let desk: Desk
let referrer: string
let ruleId: string
const payment = paid('bob', 'inv-1', 1000)
const early = paid('carl', 'inv-2', 1000)
const refund = refunded('inv-1', 'r-1', 250, { at: '2026-05-31T11:00:00Z' })

beforeAll(async () => {
  counter = await openCounter()
  desk = await openDesk(counter.service.database)
  referrer = await seedReferrer(desk)
  ruleId = await seedRule(desk, { holdingDays: 3650 })
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  await desk.handle(payment, early)
  await desk.handle(refund)
  await desk.handle(registered('carl', { referralCode: 'ann' }))
})

const get = (path: string) => counter.ask('GET', `/api/v1/${path}`)

test('a reward is told with every movement of its money and why it was granted', async () => {
  const { body } = await get(`rewards?eventId=${payment.subject}`)
  expect(body.items).toMatchObject([
    {
      userId: referrer,
      status: 'pending',
      explanation:
        'Its holding period ends at 2036-05-28T10:00:00.000Z; it is released then, and it has not been screened for fraud yet. ' +
        '0.50 USD of 2.00 USD were taken back, the last because the payment was refunded.',
      amount: { amount: 200, currency: 'USD' },
      reversed: { amount: 50, currency: 'USD' },
      remaining: { amount: 150, currency: 'USD' },
      ruleId,
      ruleVersion: 1,
      cause: 'invoice:inv-1',
      eventId: payment.subject,
    },
  ])
  const one = await get(`rewards/${body.items[0]!.id}`)
  expect(one.body).toMatchObject({
    ...body.items[0],
    transactions: [
      { kind: 'earned', amount: { amount: 200, currency: 'USD' }, reason: null, eventId: payment.subject },
      {
        kind: 'reversed',
        amount: { amount: 50, currency: 'USD' },
        reason: 'payment_refunded',
        eventId: refund.subject,
      },
    ],
    trace: { rules: [{ ruleId, reason: null, amount: 200 }] },
  })
  // The refund changed the same reward, so its event finds it too.
  expect((await get(`rewards?eventId=${refund.subject}`)).body.items).toEqual(body.items)
})

test('rewards are found by user and by where they stand', async () => {
  expect((await get(`rewards?userId=${referrer}`)).body.items).toHaveLength(2)
  const { body: first } = await get(`rewards?userId=${referrer}&limit=1`)
  const second = await get(`rewards?userId=${referrer}&limit=1&cursor=${first.nextCursor}`)
  expect(second.body.items[0]!.id).not.toBe(first.items[0]!.id)
  await desk.handle(screened(first.items[0]!.id, 'held'))
  const { items: held } = (await get(`rewards?userId=${referrer}&status=held`)).body
  expect(held).toMatchObject([{ id: first.items[0]!.id }])
  expect(held[0]!.explanation).toContain('It is held by the screening for fraud')
  expect((await get(`rewards?userId=${referrer}&status=pending`)).body.items).toHaveLength(1)
  expect((await get(`rewards?userId=${referrer}&status=available`)).body.items).toEqual([])
})

test('why somebody did, or did not, get a reward is told by event and by user', async () => {
  const ofEvent = await get(`decisions?eventId=${early.subject}`)
  expect(ofEvent.body.items).toMatchObject([
    {
      revision: 2,
      outcome: 'processed',
      reason: null,
      externalUserId: 'carl',
      trace: { rules: [{ ruleId, amount: 200 }] },
    },
    { revision: 1, outcome: 'ignored', reason: 'not_registered_yet', rewardIds: [] },
  ])
  const { refereeId } = (await get('referrals?status=converted&limit=1')).body.items[0]!
  const ofReferee = (await get(`decisions?userId=${refereeId}`)).body.items
  expect(ofReferee.map(({ externalUserId }: { externalUserId: string }) => externalUserId)).toEqual([
    'carl',
    'carl',
    'carl',
  ])
  // A referrer's are those of everyone they referred, page by page.
  const pages: string[] = []
  let cursor = ''
  do {
    const { body } = await get(`decisions?userId=${referrer}&limit=2${cursor}`)
    pages.push(...body.items.map(({ id }: { id: string }) => id))
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
  } while (cursor !== '')
  expect(pages).toHaveLength(6)
  expect(new Set(pages).size).toBe(6)
})

test('referrals are told by both sides', async () => {
  const { body } = await get(`referrals?userId=${referrer}`)
  expect(body.items).toMatchObject([
    { referrerId: referrer, status: 'converted', code: 'ann', reason: null },
    { referrerId: referrer, status: 'converted', code: 'ann', reason: null },
  ])
  expect((await get(`referrals?userId=${body.items[0]!.refereeId}`)).body.items).toEqual([body.items[0]])
  expect((await get('referrals?status=rejected')).body.items).toEqual([])
})

test('what is not there is not found', async () => {
  expect(await get('rewards/01900000-0000-7000-8000-000000000000')).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  })
  expect(await get('rewards/1')).toMatchObject({ status: 422 })
  expect((await get('decisions?eventId=01900000-0000-7000-8000-000000000000')).body).toEqual({
    items: [],
    nextCursor: null,
  })
})

test('what an event would earn is told without storing anything', async () => {
  const simulate = (body: object) => counter.ask('POST', '/api/v1/reward-rules/simulate', body)
  const stored = async () =>
    desk.rows(
      'select (select count(*) from rewards) + (select count(*) from decisions) + (select count(*) from referees) as n',
    )
  const before = await stored()
  const payment = {
    type: 'subscription.paid',
    data: { externalUserId: 'bob', invoiceId: 'inv-9', amount: 1000, currency: 'USD' },
  }
  expect(await simulate({ event: payment })).toMatchObject({
    status: 200,
    body: {
      outcome: 'processed',
      explanation: expect.not.stringContaining(ruleId),
      rewards: [
        { userId: referrer, ruleId, ruleVersion: 1, amount: { amount: 200, currency: 'USD' }, holdingDays: 3650 },
      ],
      trace: { rules: [{ ruleId, reason: null }] },
    },
  })
  const rule = {
    name: 'half',
    eventType: 'subscription.paid',
    currency: 'USD',
    reward: { kind: 'percent', basisPoints: 5000 },
  }
  expect((await simulate({ rule, event: payment })).body).toMatchObject({ rewards: [{ amount: { amount: 500 } }] })
  const stranger = { ...payment, data: { ...payment.data, externalUserId: 'nobody' } }
  expect((await simulate({ event: stranger })).body).toMatchObject({ outcome: 'ignored', reason: 'not_registered_yet' })
  const registration = { type: 'user.registered', data: { externalUserId: 'nobody', referralCode: 'ANN' } }
  const bonus = { ...rule, eventType: 'user.registered', reward: { kind: 'fixed', amount: 300, currency: 'USD' } }
  expect((await simulate({ rule: bonus, event: registration })).body).toMatchObject({
    rewards: [{ userId: referrer, amount: { amount: 300 } }],
  })
  expect((await simulate({ rule: bonus, event: payment })).body).toMatchObject({
    outcome: 'ignored',
    reason: 'no_rule',
  })
  expect(await stored()).toEqual(before)
})
