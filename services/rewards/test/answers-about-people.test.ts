import { query } from '@tributary/database'
import { until } from '@tributary/testing'
import { v7 } from 'uuid'
import { beforeAll, expect, test } from 'vitest'
import { skeletonOf } from '../src/domain/referral-code.ts'
import { type Counter, openCounter } from './counter.ts'

let counter: Counter
beforeAll(async () => {
  counter = await openCounter()
})

const create = (externalId: string, more: object = {}) =>
  counter.ask('POST', '/api/v1/users', { externalId, email: `${externalId}@example.com`, ...more })

test('a user is created once, and found by id, external id and e-mail address', async () => {
  const first = await create('ann', { name: 'Ann' })
  expect(first).toMatchObject({ status: 201, body: { externalId: 'ann', email: 'ann@example.com', name: 'Ann' } })
  expect(await create('ann')).toEqual({ status: 200, body: first.body })
  expect(await counter.ask('GET', `/api/v1/users/${first.body.id}`)).toEqual({ status: 200, body: first.body })
  expect((await counter.ask('GET', '/api/v1/users?externalId=ann')).body).toEqual({
    items: [first.body],
    nextCursor: null,
  })
  expect((await counter.ask('GET', '/api/v1/users?email=ANN@example.com')).body.items).toEqual([first.body])
  expect((await counter.ask('GET', '/api/v1/users?externalId=nobody')).body.items).toEqual([])
})

test('the same external id with another e-mail address is refused', async () => {
  await create('carl')
  expect(await create('carl', { email: 'CARL@example.com' })).toMatchObject({ status: 200 })
  expect(await create('carl', { email: 'other@example.com' })).toMatchObject({
    status: 409,
    body: { code: 'user_conflict' },
  })
})

test('the same user asked for at the same instant is one user', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => create('dora')))
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(7)
})

test('a user whom somebody else is creating at this moment is waited for, and found', async () => {
  const { db } = counter.service.database
  const other = await db.transaction()
  const id = v7()
  await other.raw(
    `insert into users (id, external_id, email, created_at) values (?, 'fred', 'fred@example.com', now())`,
    [id],
  )
  const asked = create('fred')
  await until('the request to wait for the other one', async () => {
    const [row] = await query<{ n: number }>(
      db,
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return row!.n > 0
  })
  await other.commit()
  expect(await asked).toMatchObject({ status: 200, body: { id } })
})

test('users come in pages', async () => {
  for (const index of [1, 2, 3]) await create(`page-${index}`)
  const first = await counter.ask('GET', '/api/v1/users?limit=2')
  expect(first.body.items).toHaveLength(2)
  const second = await counter.ask('GET', `/api/v1/users?limit=2&cursor=${first.body.nextCursor}`)
  const ids = [...first.body.items, ...second.body.items].map(({ id }) => id)
  expect(new Set(ids).size).toBe(4)
})

test('a code is drawn or chosen, belongs to one user, and is the same in upper and lower case', async () => {
  const { body: user } = await create('emma')
  const drawn = await counter.ask('POST', `/api/v1/users/${user.id}/referral-codes`, {})
  expect(drawn).toMatchObject({
    status: 201,
    body: { userId: user.id, code: expect.stringMatching(/^[2-9a-hjkmnp-z]{8}$/) },
  })
  expect(await counter.ask('POST', `/api/v1/users/${user.id}/referral-codes`)).toMatchObject({ status: 201 })
  const codes = `/api/v1/users/${user.id}/referral-codes`
  expect(await counter.ask('POST', codes, { code: 'Emma-26' })).toMatchObject({
    status: 201,
    body: { code: 'Emma-26' },
  })
  expect(await counter.ask('POST', codes, { code: 'EMMA-26' })).toMatchObject({
    status: 409,
    body: { code: 'code_taken' },
  })
  expect(await counter.ask('GET', '/api/v1/referral-codes/emma-26')).toMatchObject({
    status: 200,
    body: { userId: user.id },
  })
  expect(await counter.ask('GET', '/api/v1/referral-codes/nobody')).toMatchObject({ status: 404 })
  expect(await counter.ask('POST', codes, { code: 'a!' })).toMatchObject({
    status: 422,
    body: { code: 'payload_invalid', errors: [{ path: '/code' }] },
  })
  const nobody = '/api/v1/users/01900000-0000-7000-8000-000000000000'
  expect(await counter.ask('POST', `${nobody}/referral-codes`, {})).toMatchObject({ status: 404 })
  expect(await counter.ask('GET', nobody)).toMatchObject({ status: 404, body: { code: 'not_found' } })
})

test.each([
  ['without an e-mail address', { externalId: 'x' }, '/email'],
  ['with one that is none', { externalId: 'x', email: 'x' }, '/email'],
  ['with a blank before the id', { externalId: ' x', email: 'x@example.com' }, '/externalId'],
  ['with an unknown field', { externalId: 'x', email: 'x@example.com', nick: 'x' }, '/nick'],
])('a user %s is refused', async (_, body, path) => {
  expect(await counter.ask('POST', '/api/v1/users', body)).toMatchObject({
    status: 422,
    body: { code: 'payload_invalid', errors: [{ path }] },
  })
})

test('reading and writing need their scopes', async () => {
  const read = await counter.ask('POST', '/api/v1/users', { externalId: 'x', email: 'x@example.com' }, ['users:read'])
  expect(read).toMatchObject({ status: 403, body: { code: 'scope_required' } })
  expect(await counter.ask('GET', '/api/v1/referrals', undefined, ['rewards:read'])).toMatchObject({ status: 403 })
  expect(await counter.ask('GET', '/api/v1/rewards', undefined, ['users:read'])).toMatchObject({ status: 403 })
})

test('an old code keeps working after a new one, and says that it is no longer current', async () => {
  const { body: user } = await create('gina')
  const { body: other } = await create('gustav')
  const codes = `/api/v1/users/${user.id}/referral-codes`
  for (const code of ['gina', 'gina-26'])
    expect(await counter.ask('POST', codes, { code })).toMatchObject({ status: 201 })
  expect((await counter.ask('GET', '/api/v1/referral-codes/GINA')).body).toMatchObject({
    isCurrent: false,
    userId: user.id,
  })
  expect((await counter.ask('GET', '/api/v1/referral-codes/gina-26')).body).toMatchObject({ isCurrent: true })
  expect((await counter.ask('GET', codes)).body.items).toMatchObject([{ code: 'gina-26' }, { code: 'gina' }])
  // Their own look-alike is theirs to take; somebody else's is not, also not at the same instant.
  expect(await counter.ask('POST', codes, { code: 'g1na26' })).toMatchObject({ status: 201 })
  const others = `/api/v1/users/${other.id}/referral-codes`
  for (const code of ['G1NA', 'gina_26', 'glna']) {
    expect(await counter.ask('POST', others, { code }), code).toMatchObject({
      status: 409,
      body: { code: 'code_taken' },
    })
  }
  const both = await Promise.all([
    counter.ask('POST', codes, { code: 'solo' }),
    counter.ask('POST', others, { code: 's0l0' }),
    counter.ask('POST', others, { code: '50lo' }),
  ])
  expect(both.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(2)
  const owners = await query<{ n: number }>(
    counter.service.database.db,
    `select count(distinct user_id)::int as n from referral_codes where skeleton = 'solo'`,
  )
  expect(owners).toEqual([{ n: 1 }])
})

test('the database and the domain agree on what looks alike', async () => {
  const rows = await query<{ code: string; skeleton: string }>(
    counter.service.database.db,
    'select code, skeleton from referral_codes',
  )
  expect(rows.length).toBeGreaterThan(3)
  for (const { code, skeleton } of rows) expect(skeletonOf(code)).toBe(skeleton)
})

test.each([
  ['admin', 'is reserved, or looks like a word that is'],
  ['x'.repeat(33), 'must have at most 32 characters'],
  ['a b c', 'must have letters from a to z and digits only, with single - or _ between them'],
])('the code %s is refused, and why', async (code, message) => {
  const { body: user } = await create('hugo')
  const answer = await counter.ask('POST', `/api/v1/users/${user.id}/referral-codes`, { code })
  expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: '/code', message }] } })
})
