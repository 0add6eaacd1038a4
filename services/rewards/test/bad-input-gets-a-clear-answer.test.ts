import { toCursor } from '@tributary/service-kit'
import { beforeAll, expect, test } from 'vitest'
import { type Counter, openCounter } from './counter.ts'

let counter: Counter
beforeAll(async () => {
  counter = await openCounter()
})

const nul = encodeURIComponent('a\u0000b')
const percent = {
  name: '20%',
  eventType: 'subscription.paid',
  currency: 'USD',
  reward: { kind: 'percent', basisPoints: 1 },
}
const rule = '/api/v1/reward-rules/01900000-0000-7000-8000-000000000000'

type Refused = [method: string, path: string, body: unknown, at: string]

test.each<Refused>([
  ['GET', `/api/v1/users?cursor=${toCursor(['nope'], { list: 'users' })}`, undefined, '/query/cursor'],
  ['GET', `/api/v1/reward-rules?cursor=${toCursor(['nope'], { list: 'rules' })}`, undefined, '/query/cursor'],
  ['GET', `/api/v1/referrals?cursor=${toCursor(['nope'], { list: 'referrals' })}`, undefined, '/query/cursor'],
  ['GET', `/api/v1/rewards?cursor=${toCursor(['nope'], { list: 'rewards' })}`, undefined, '/query/cursor'],
  ['GET', `/api/v1/decisions?cursor=${toCursor(['nope', '1'], { list: 'decisions' })}`, undefined, '/query/cursor'],
  [
    'GET',
    `/api/v1/decisions?cursor=${toCursor([rule.slice(-36), 'x'], { list: 'decisions' })}`,
    undefined,
    '/query/cursor',
  ],
  ['GET', `/api/v1/users?email=${nul}`, undefined, '/query/email'],
  ['GET', `/api/v1/users?externalId=${nul}`, undefined, '/query/externalId'],
  ['GET', `/api/v1/referral-codes/${nul}`, undefined, '/params/code'],
  ['POST', '/api/v1/users', { externalId: 'x', email: 'x@example.com', name: 'a\u0000b' }, '/name'],
  ['POST', '/api/v1/reward-rules', { ...percent, name: 'a\u0000b' }, '/name'],
  ['POST', '/api/v1/reward-rules', { ...percent, name: 'a\ud800b' }, '/name'],
  ['POST', '/api/v1/reward-rules', { ...percent, validFrom: '9999-12-31T23:59:59-14:00' }, '/validFrom'],
  ['POST', '/api/v1/reward-rules', { ...percent, minimumAmount: 2 ** 53 }, '/minimumAmount'],
  ['POST', '/api/v1/reward-rules', { ...percent, condition: "event.type == 'a\u0000b'" }, '/condition'],
  ['POST', '/api/v1/reward-rules', { ...percent, condition: "event.type == 'a\ud800b'" }, '/condition'],
  ['POST', '/api/v1/reward-rules', { ...percent, eventType: 'custom.user.registered' }, '/eventType'],
  ['POST', '/api/v1/reward-rules', { ...percent, eventType: 'custom.payment.refunded' }, '/eventType'],
  // Without `custom.` it is one word, and with it a fifth: no sender can write that.
  ['POST', '/api/v1/reward-rules', { ...percent, eventType: 'custom.signup' }, '/eventType'],
  ['POST', '/api/v1/reward-rules', { ...percent, eventType: 'a.b.c.d.e' }, '/eventType'],
  ['POST', '/api/v1/reward-rules', { ...percent, name: ' ' }, '/name'],
  ['POST', `${rule}/retire`, { reason: ' ' }, '/reason'],
  ['POST', `${rule}/activate`, { version: 1, reason: '\u2003' }, '/reason'],
  ['POST', `/api/v1/referrals/${rule.slice(-36)}/reject`, { reason: ' ' }, '/reason'],
  ['POST', `${rule}/activate`, { version: 1, activeFrom: '9999-12-31T23:59:59-14:00' }, '/activeFrom'],
  [
    'POST',
    '/api/v1/reward-rules/simulate',
    { event: { type: 'a\u0000b', data: { externalUserId: 'x' } } },
    '/event/type',
  ],
  ...['Paid', 'paid', 'a.b.c.d.e.f', 'custom.subscription.paid', 'payment.refunded', 'custom.payment.disputed'].map(
    (type): Refused => [
      'POST',
      '/api/v1/reward-rules/simulate',
      { event: { type, data: { externalUserId: 'x' } } },
      '/event/type',
    ],
  ),
])('%s %s with %j is refused, and where', async (method, path, body, at) => {
  const answer = await counter.ask(method, path, body)
  expect(answer).toMatchObject({ status: 422, body: { code: 'payload_invalid' } })
  expect(answer.body.errors.map((error) => error.path)).toEqual([at])
})

test('a cursor leads on in the list that gave it, and is none of the others', async () => {
  const lists = { users: 'users', rules: 'reward-rules', referrals: 'referrals', rewards: 'rewards' }
  for (const [list, path] of Object.entries(lists)) {
    const answers = Object.keys(lists).map(async (other) => {
      const cursor = toCursor([rule.slice(-36)], { list: other })
      return [other, (await counter.ask('GET', `/api/v1/${path}?cursor=${cursor}`)).status]
    })
    expect(await Promise.all(answers), path).toEqual(
      Object.keys(lists).map((other) => [other, other === list ? 200 : 422]),
    )
  }
})

test.each([
  ['payment.refunded', 'takes back from the rewards of its invoice'],
  ['payment.disputed', 'holds the rewards of its invoice'],
  ['subscription.cancelled', 'earn nothing by recurring rules'],
])('a simulation of %s says what it would do, since no rule is asked', async (type, words) => {
  const { body } = await counter.ask('POST', '/api/v1/reward-rules/simulate', {
    event: { type, data: { externalUserId: 'x' } },
  })
  expect(body.errors).toEqual([{ path: '/event/type', message: expect.stringContaining(words) }])
})
