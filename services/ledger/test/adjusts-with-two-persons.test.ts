import { query } from '@tributary/database'
import { startTestService, type TestService, type TokenOptions, tokenFor } from '@tributary/testing'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, test } from 'vitest'
import { configShape, ledger } from '../src/app.ts'
import { newSigningKey } from './keys.ts'
import { postTo, type Request, request } from './rig.ts'

type Body = Record<string, unknown> & {
  id: string
  code?: string
  items: Record<string, unknown>[]
  nextCursor: string | null
}
type Sent = Readonly<{ status: number; body: Body }>

let service: TestService
beforeAll(async () => {
  service = await startTestService('ledger', ledger, {
    own: configShape.parse({ LEDGER_SIGNING_KEY: newSigningKey(), LEDGER_ADJUSTMENT_APPROVAL_ABOVE: '1000' }),
  })
})

/** What rewards and payouts would say. */
const post = (...requests: readonly Request[]) => postTo(service.db, ...requests)

const eve: TokenOptions = { kind: 'person', id: 'eve' }
const bob: TokenOptions = { kind: 'person', id: 'bob' }
const path = '/api/v1/adjustments'

async function send(who: TokenOptions, to: string, body?: object, key: string = v7()): Promise<Sent> {
  const response = await service.fetch(to, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokenFor(['adjustments:write'], who)}`,
      'idempotency-key': key,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Body }
}

async function get(from: string): Promise<Sent> {
  const headers = { authorization: `Bearer ${await tokenFor(['adjustments:read', 'settlements:read', 'ledger:read'])}` }
  const response = await service.fetch(from, { headers })
  return { status: response.status, body: (await response.json()) as Body }
}

const asked = (changes: object = {}) => ({ userId: v7(), amount: 500, currency: 'USD', reason: 'goodwill', ...changes })
const approve = (who: TokenOptions, id: string, body?: object) => send(who, `${path}/${id}/approve`, body)
const reject = (who: TokenOptions, id: string, reason = 'no') => send(who, `${path}/${id}/reject`, { reason })

async function balance(userId: unknown): Promise<unknown> {
  const { body } = await get(`/api/v1/users/${String(userId)}/balance`)
  return (body.balances as { available: number }[])[0]?.available ?? 0
}

describe('up to the threshold', () => {
  test('an adjustment is posted at once, with who asked and why', async () => {
    const body = asked({ amount: 1_000 })
    const { status, body: made } = await send(eve, path, body)
    expect(status).toBe(201)
    expect(made).toMatchObject({ ...body, direction: 'credit', status: 'posted', refusal: null, needsApproval: false })
    expect(made.history).toMatchObject([
      { step: 'requested', by: 'eve', reason: 'goodwill' },
      { step: 'posted', by: null, reason: null },
    ])
    expect(await balance(body.userId)).toBe(1_000)
    expect((await get(`${path}/${made.id}`)).body).toEqual(made)
    expect((await get(`/api/v1/transfers?causeId=${made.id}`)).body.items).toMatchObject([
      { kind: 'adjust', debitAccount: 'program:adjustments', creditAccount: 'user:available', amount: 1_000 },
    ])
    expect((await approve(bob, made.id)).body.code).toBe('adjustment_state_conflict')
  })

  test('a debit takes what is there, and is refused for good when that does not cover it', async () => {
    const { userId } = (await send(eve, path, asked())).body
    const take = (amount: number) => send(eve, path, asked({ userId, amount, direction: 'debit' }))
    const refused = await take(501)
    expect([refused.status, refused.body.status, refused.body.refusal]).toEqual([
      201,
      'refused',
      'insufficient_available',
    ])
    expect(refused.body.history).toMatchObject([
      { step: 'requested' },
      { step: 'refused', reason: 'insufficient_available' },
    ])
    expect(await balance(userId)).toBe(500)
    expect((await take(500)).body.status).toBe('posted')
    expect(await balance(userId)).toBe(0)
    expect((await take(1)).body.status).toBe('refused')
  })

  test('a credit pays what the user owes first', async () => {
    const earned = request('earn', { amount: 300n })
    const of = { userId: earned.userId, rewardId: earned.rewardId, amount: 300n }
    await post(earned, request('release', of))
    await send(eve, path, asked({ userId: of.userId, amount: 300, direction: 'debit' }))
    await post(request('reverse', of))
    const now = async () => (await get(`/api/v1/users/${of.userId}/balance`)).body.balances
    expect(await now()).toMatchObject([{ available: 0, owed: 300 }])
    await send(eve, path, asked({ userId: of.userId }))
    expect(await now()).toMatchObject([{ available: 200, owed: 0 }])
  })

  test('what was given in total never passes what every boundary can carry', async () => {
    const userId = v7()
    const most = asked({ userId, amount: Number.MAX_SAFE_INTEGER })
    const { id } = (await send(eve, path, most)).body
    expect((await approve(bob, id)).body.status).toBe('posted')
    expect((await send(eve, path, asked({ userId, amount: 1 }))).body).toMatchObject({
      status: 'refused',
      refusal: 'total_out_of_range',
    })
  })
})

describe('above the threshold', () => {
  const large = (changes: object = {}) => asked({ amount: 1_001, ...changes })

  test('nothing moves until another person approves, once', async () => {
    const body = large()
    const { status, body: made } = await send(eve, path, body)
    expect([status, made.status, made.needsApproval]).toEqual([201, 'awaiting_approval', true])
    expect(await balance(body.userId)).toBe(0)
    const own = await approve(eve, made.id)
    expect([own.status, own.body.code]).toEqual([403, 'another_person_required'])
    expect(await balance(body.userId)).toBe(0)
    const approved = await approve(bob, made.id, { reason: 'asked the customer' })
    expect([approved.status, approved.body.status]).toEqual([200, 'posted'])
    expect(approved.body.history).toMatchObject([
      { step: 'requested', by: 'eve', reason: 'goodwill' },
      { step: 'approved', by: 'bob', reason: 'asked the customer' },
      { step: 'posted', by: null },
    ])
    expect(await balance(body.userId)).toBe(1_001)
    const again = await approve(bob, made.id)
    expect([again.status, again.body.code]).toEqual([409, 'adjustment_state_conflict'])
    expect((await reject(bob, made.id)).body.code).toBe('adjustment_state_conflict')
    expect(await balance(body.userId)).toBe(1_001)
  })

  test('what is rejected never moves; whoever asked may take it back', async () => {
    for (const who of [bob, eve]) {
      const body = large()
      const { id } = (await send(eve, path, body)).body
      const rejected = await reject(who, id, 'typed twice')
      expect([rejected.status, rejected.body.status]).toEqual([200, 'rejected'])
      expect(rejected.body.history).toMatchObject([
        { step: 'requested' },
        { step: 'rejected', by: who.id, reason: 'typed twice' },
      ])
      expect((await approve(bob, id)).body.code).toBe('adjustment_state_conflict')
      expect(await balance(body.userId)).toBe(0)
    }
  })

  test('a debit that is no longer covered when it is approved is refused for good', async () => {
    const { userId } = (await send(eve, path, asked())).body
    const { id } = (await send(eve, path, large({ userId, direction: 'debit' }))).body
    expect((await approve(bob, id)).body).toMatchObject({ status: 'refused', refusal: 'insufficient_available' })
    expect(await balance(userId)).toBe(500)
    expect((await approve(bob, id)).body.code).toBe('adjustment_state_conflict')
  })

  test('of many who decide at once, one does', async () => {
    for (const decide of [
      (index: number, id: string) => approve({ kind: 'person', id: `p${index}` }, id),
      (index: number, id: string) =>
        index % 2 === 0
          ? approve({ kind: 'person', id: `p${index}` }, id)
          : reject({ kind: 'person', id: `p${index}` }, id),
    ]) {
      const body = large()
      const { id } = (await send(eve, path, body)).body
      const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => decide(index, id)))
      expect(answers.map(({ status }) => status).sort((one, other) => one - other)).toEqual([
        200, 409, 409, 409, 409, 409, 409, 409,
      ])
      const { status } = (await get(`${path}/${id}`)).body
      expect(await balance(body.userId)).toBe(status === 'posted' ? 1_001 : 0)
      expect((await get(`/api/v1/transfers?causeId=${id}`)).body.items).toHaveLength(status === 'posted' ? 1 : 0)
    }
  })
})

test('only persons ask and decide', async () => {
  const client: TokenOptions = { kind: 'client', id: 'shop' }
  const { id } = (await send(eve, path, asked({ amount: 5_000 }))).body
  for (const sent of [send(client, path, asked()), approve(client, id), reject(client, id)]) {
    const { status, body } = await sent
    expect([status, body.code]).toEqual([403, 'person_required'])
  }
})

test('the same key is the same adjustment, also for ten at once', async () => {
  const body = asked()
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(eve, path, body, 'once')))
  expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1)
  expect(await balance(body.userId)).toBe(500)
  expect((await send(eve, path, { ...body, amount: 501 }, 'once')).body.code).toBe('idempotency_conflict')
})

test.each<[string, object, string]>([
  ['nothing', { amount: 0 }, '/amount'],
  ['less than nothing', { amount: -5 }, '/amount'],
  ['a fraction', { amount: 1.5 }, '/amount'],
  ['text', { amount: '5' }, '/amount'],
  ['one past exactness', { amount: 2 ** 53 }, '/amount'],
  ['no currency there is', { currency: 'XXX' }, '/currency'],
  ['no user id', { userId: 'ann' }, '/userId'],
  ['no reason', { reason: '  ' }, '/reason'],
  ['a reason of 501 characters', { reason: 'x'.repeat(501) }, '/reason'],
  ['NUL in the reason', { reason: 'good\u0000will' }, '/reason'],
  ['half a character in the reason', { reason: '\ud800' }, '/reason'],
  ['another direction', { direction: 'sideways' }, '/direction'],
  ['a field that is not known', { approved: true }, '/approved'],
])('an adjustment is refused: %s', async (_name, changes, place) => {
  const { status, body } = await send(eve, path, asked(changes))
  expect([status, body.code]).toEqual([422, 'payload_invalid'])
  expect(body.errors).toMatchObject([{ path: place }])
})

test('a decision is refused without its key, its reason, or its adjustment', async () => {
  expect((await send(eve, path, asked(), '')).body.code).toBe('idempotency_key_missing')
  const { id } = (await send(eve, path, asked({ amount: 5_000 }))).body
  expect((await send(bob, `${path}/${id}/reject`, {})).body.code).toBe('payload_invalid')
  expect((await send(bob, `${path}/${id}/reject`)).body.code).toBe('payload_invalid')
  expect((await approve(bob, v7())).body.code).toBe('not_found')
  expect((await reject(bob, v7())).body.code).toBe('not_found')
  expect((await get(`${path}/${v7()}`)).body.code).toBe('not_found')
})

test('adjustments are listed by status and user, newest first, each once', async () => {
  const userId = v7()
  const made: string[] = []
  for (let index = 0; index < 5; index++)
    made.unshift((await send(eve, path, asked({ userId, amount: 2_000 }))).body.id)
  await reject(bob, made[2]!)
  const list = async (filter: string) => {
    const seen: unknown[] = []
    for (let cursor = ''; ; ) {
      const { body } = await get(`${path}?limit=2&${filter}${cursor}`)
      seen.push(...body.items.map(({ id }) => id))
      if (body.nextCursor === null) return seen
      cursor = `&cursor=${body.nextCursor}`
    }
  }
  expect(await list(`userId=${userId}`)).toEqual(made)
  expect(await list(`userId=${userId}&status=awaiting_approval`)).toEqual(made.filter((id) => id !== made[2]))
  expect(await list(`userId=${userId}&status=rejected`)).toEqual([made[2]])
  const { nextCursor } = (await get(`${path}?limit=1&userId=${userId}`)).body
  expect((await get(`${path}?limit=1&cursor=${nextCursor}`)).body.code).toBe('payload_invalid')
  const { nextCursor: unfiltered } = (await get(`${path}?limit=1`)).body
  expect((await get(`/api/v1/settlements/unmatched?cursor=${unfiltered}`)).body.code).toBe('payload_invalid')
  expect((await get(`${path}?status=approved`)).body.code).toBe('payload_invalid')
})

test('the database itself refuses what the routes do', async () => {
  const { id } = (await send(eve, path, asked({ amount: 5_000 }))).body
  const decided = `status = 'posted', decided_at = now()`
  const attempts: [string, string][] = [
    [
      `update adjustments set ${decided}, decided_by = 'eve' where id = '${id}'`,
      'adjustments_are_approved_by_another_person',
    ],
    [`update adjustments set ${decided} where id = '${id}'`, 'adjustments_that_needed_approval_say_who_decided'],
    [
      `update adjustments set ${decided}, decided_by = 'bob', amount = 1 where id = '${id}'`,
      'adjustments_are_decided_once',
    ],
    [
      `update adjustments set ${decided}, decided_by = 'bob', requested_by = 'al' where id = '${id}'`,
      'adjustments_are_decided_once',
    ],
    [`update adjustments set decision_reason = 'x' where id = '${id}'`, 'adjustments_are_decided_once'],
    [`delete from adjustments where id = '${id}'`, 'stays'],
    ['truncate adjustments', 'stays'],
    [
      `insert into adjustments select gen_random_uuid(), user_id, direction, amount, currency, reason, requested_by, requested_at,
         true, 'posted', null, 'bob', now(), null from adjustments where id = '${id}'`,
      'adjustments_are_decided_once',
    ],
  ]
  // As the superuser: these are not only rights that the service lacks.
  for (const [sql, constraint] of attempts) {
    const refusal = await query(service.database.db, sql).then(
      () => 'done',
      (error: Error & { constraint?: string }) => error.constraint ?? error.message,
    )
    expect(refusal, sql).toContain(constraint)
  }
  await reject(bob, id)
  const reopened = query(service.database.db, `update adjustments set status = 'awaiting_approval' where id = '${id}'`)
  await expect(reopened).rejects.toThrow('decided once')
})
