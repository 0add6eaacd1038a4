import { query } from '@tributary/database'
import { type TestService, testClock, tokenFor } from '@tributary/testing'
import { beforeAll, expect, test } from 'vitest'
import { COMMAND_KEY_DAYS } from '../src/index.ts'
import { startToy } from './toy.ts'

let toy: TestService
beforeAll(async () => {
  toy = await startToy()
})

type Sent = Readonly<{ status: number; body: Record<string, unknown>; headers: Headers }>

async function send(
  key: string | undefined,
  body: object | string,
  { client = 'shop', to = toy, path = '/api/v1/commands' } = {},
): Promise<Sent> {
  const response = await to.fetch(path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokenFor(['users:write'], { id: client })}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Sent['body'], headers: response.headers }
}

async function runsOf(name: string): Promise<number> {
  const [row] = await query<{ ran: bigint }>(toy.database.db, 'select count(*) as ran from toy_runs where name = ?', [
    name,
  ])
  return Number(row!.ran)
}

test('the same command again gets the same answer, and nothing runs', async () => {
  const first = await send('once', { name: 'once' })
  const second = await send('once', { name: 'once' })
  expect([first.status, first.body]).toEqual([201, { ran: 1, amount: 5 }])
  expect([second.status, second.body]).toEqual([201, { ran: 1, amount: 5 }])
  expect(second.headers.get('location')).toBe('/api/v1/commands/1')
  expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true'])
  expect(await runsOf('once')).toBe(1)
})

test('the same content in other order and with other blanks is the same command', async () => {
  await send('order', '{"name":"order","takesMs":0}')
  expect((await send('order', '{ "takesMs": 0,  "name": "order" }')).headers.get('idempotency-replayed')).toBe('true')
})

test('the same key with another content is a conflict', async () => {
  await send('conflict', { name: 'conflict' })
  const { status, body } = await send('conflict', { name: 'conflict', takesMs: 1 })
  expect([status, body.code]).toEqual([409, 'idempotency_conflict'])
  expect(await runsOf('conflict')).toBe(1)
})

test('two clients may choose the same key', async () => {
  expect((await send('shared', { name: 'shared' }, { client: 'one' })).body.ran).toBe(1)
  expect((await send('shared', { name: 'shared' }, { client: 'two' })).body.ran).toBe(2)
})

test('twenty at the same instant run once and all get its answer', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => send('crowd', { name: 'crowd', takesMs: 200 })))
  expect(all.map(({ status, body }) => [status, body])).toEqual(all.map(() => [201, { ran: 1, amount: 5 }]))
  expect(await runsOf('crowd')).toBe(1)
})

test('two processes that get the same command at the same instant run it once', async () => {
  const other = await startToy({}, { database: toy.database, broker: toy.broker })
  const both = await Promise.all([
    send('processes', { name: 'processes', takesMs: 200 }),
    send('processes', { name: 'processes', takesMs: 200 }, { to: other }),
  ])
  expect(both.map(({ body }) => body)).toEqual([
    { ran: 1, amount: 5 },
    { ran: 1, amount: 5 },
  ])
  expect(await runsOf('processes')).toBe(1)
})

test.each([
  ['refuse', 409, 'code_taken'],
  ['fail', 500, 'internal_error'],
])('what did not succeed leaves nothing behind, and its key is free: %s', async (ending, status, code) => {
  const refused = await send(`free-${ending}`, { name: `free-${ending}`, ending })
  expect([refused.status, refused.body.code]).toEqual([status, code])
  expect(await runsOf(`free-${ending}`)).toBe(0)
  expect((await send(`free-${ending}`, { name: `free-${ending}` })).body).toEqual({ ran: 1, amount: 5 })
})

test('a command without a key, or with one that cannot be one, is refused', async () => {
  expect((await send(undefined, { name: 'x' })).body.code).toBe('idempotency_key_missing')
  expect((await send('x'.repeat(256), { name: 'x' })).body.errors).toMatchObject([{ path: '/headers/idempotency-key' }])
})

test('where a key is optional, it counts when it comes', async () => {
  const path = '/api/v1/lenient-commands'
  const body = { name: 'lenient' }
  expect((await send(undefined, body, { path })).body).toMatchObject({ ran: 1 })
  expect((await send(undefined, body, { path })).body).toMatchObject({ ran: 2 })
  expect((await send('lenient', body, { path })).body).toMatchObject({ ran: 3 })
  expect((await send('lenient', body, { path })).body).toMatchObject({ ran: 3 })
  expect((await send('lenient', { name: 'other' }, { path })).body.code).toBe('idempotency_conflict')
})

test('a key is remembered for a month, and then forgotten', async () => {
  const clock = testClock()
  const aged = await startToy({}, { clock })
  await query(
    aged.database.db,
    `insert into command_keys (principal, key, fingerprint, created_at)
     select 'shop', age::text, '', ?::timestamptz - make_interval(days => age) from generate_series(0, 40) as age`,
    [clock.now()],
  )
  const kept = async () => {
    const [row] = await query<{ oldest: number }>(aged.database.db, 'select max(key::int) as oldest from command_keys')
    return row!.oldest
  }
  await expect.poll(kept, { timeout: 5_000 }).toBe(COMMAND_KEY_DAYS - 1)
})
