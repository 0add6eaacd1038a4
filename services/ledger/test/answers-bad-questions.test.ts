import { openDatabase } from '@tributary/database'
import { v7 } from 'uuid'
import { beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
import { configShape, ledger } from '../src/app.ts'
import { newSigningKey } from './keys.ts'
import { openReader, type Reader } from './reading.ts'
import { postTo, request } from './rig.ts'

const userId = v7()
const stranger = v7()
const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
const balance = `/api/v1/users/${userId}/balance`
const entries = `/api/v1/users/${userId}/entries`
const trial = '/api/v1/trial-balance'
const liability = '/api/v1/liability'
const transfers = `/api/v1/transfers?causeId=${v7()}`

let reader: Reader

beforeAll(async () => {
  reader = await openReader()
  const db = openDatabase({ url: reader.service.database.url, applicationName: 'test', poolMax: 1 })
  for (let index = 0; index < 3; index++) await postTo(db, request('earn', { userId }))
  await db.destroy()
})

/** What is wrong with a time, wherever one is taken. */
const noInstants = [
  '',
  'now',
  'yesterday',
  'infinity',
  'null',
  '2026-01-01',
  '2026-01-01T00:00:00',
  '2026-01-01 00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-01T24:00:00Z',
  // A leap second: clocks here have none.
  '2016-12-31T23:59:60Z',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00%2B01:00',
  '10000-01-01T00:00:00Z',
  '9999-12-31T23:59:59-01:00',
  '1767225600',
  '2026-01-01T00:00:00Z%00',
  "2026-01-01T00:00:00Z'--",
  '2026-01-01T00:00:00Z&asOf=2026-01-02T00:00:00Z&from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z',
]

/** What is asked, and how it is answered. */
const questions: readonly (readonly [path: string, status: number, code: string | null])[] = [
  ...[`${balance}?asOf=`, `${balance}?basis=effective&asOf=`, `${trial}?asOf=`, `${liability}?asOf=`].flatMap(
    (asOf) => [
      ...noInstants.map((time) => [asOf + time, 422, 'payload_invalid'] as const),
      [asOf + tomorrow, 422, 'as_of_in_the_future'] as const,
      [`${asOf}9999-12-31T23:59:59Z`, 422, 'as_of_in_the_future'] as const,
      [`${asOf}2001-01-01T00:00:00.123456789Z`, 200, null] as const,
      // PostgreSQL itself takes offsets of less than 16 hours.
      [`${asOf}2001-01-01T00:00:00%2B23:59`, 200, null] as const,
      [`${asOf}0001-01-01T00:00:00Z`, 200, null] as const,
    ],
  ),
  ...['from', 'to'].flatMap((field) =>
    noInstants.map((time) => [`${entries}?${field}=${time}`, 422, 'payload_invalid'] as const),
  ),
  [`${entries}?to=${tomorrow}`, 422, 'as_of_in_the_future'],
  [`${entries}?from=${tomorrow}`, 422, 'as_of_in_the_future'],
  [`${entries}?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`, 422, 'payload_invalid'],
  [`${entries}?from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z`, 200, null],
  [`${entries}?from=0001-01-01T00:00:00Z&to=0001-01-01T00:00:00Z`, 200, null],
  ...['0', '201', '1e1', '-1', '1.0', '', ' 1', '%2B1', '0x1', 'ten', '1&limit=1', '9'.repeat(30)].flatMap((limit) =>
    [`${entries}?limit=`, `${transfers}&limit=`].map((path) => [path + limit, 422, 'payload_invalid'] as const),
  ),
  ...['x', '', '%00', 'e30', 'W10', 'x'.repeat(501), 'null'].flatMap((cursor) =>
    [`${entries}?cursor=`, `${transfers}&cursor=`].map((path) => [path + cursor, 422, 'payload_invalid'] as const),
  ),
  ...[`${balance}?currency=`, `${entries}?currency=`, `${liability}?currency=`].flatMap((path) => [
    ...['usd', 'XXX', '', 'US', 'USDX', 'USD%00', 'USD&currency=USD'].map(
      (one) => [path + one, 422, 'payload_invalid'] as const,
    ),
    [`${path}JPY`, 200, null] as const,
  ]),
  [`${entries}?account=expense`, 422, 'payload_invalid'],
  [`${entries}?account=user:pending`, 422, 'payload_invalid'],
  [`${entries}?account=pending%00`, 422, 'payload_invalid'],
  [`${balance}?basis=felt`, 422, 'payload_invalid'],
  [`${balance}?as_of=2026-01-01T00:00:00Z`, 422, 'payload_invalid'],
  [`${trial}?currency=USD`, 422, 'payload_invalid'],
  ['/api/v1/users/ann/balance', 422, 'payload_invalid'],
  ['/api/v1/users/%00/entries', 422, 'payload_invalid'],
  [`/api/v1/users/{${userId}}/balance`, 422, 'payload_invalid'],
  [`/api/v1/users/${userId}%20/entries`, 422, 'payload_invalid'],
  [`/api/v1/users/${stranger}/balance`, 200, null],
  [`/api/v1/users/${stranger}/entries`, 200, null],
  ['/api/v1/users/00000000-0000-0000-0000-000000000000/balance', 200, null],
  ['/api/v1/transfers', 422, 'payload_invalid'],
  ['/api/v1/transfers?causeId=1', 422, 'payload_invalid'],
  [transfers, 200, null],
  [`/api/v1/transfers/${v7()}`, 404, 'not_found'],
  ['/api/v1/transfers/1', 422, 'payload_invalid'],
  [`/api/v1/users/${userId}`, 404, 'not_found'],
  [`${trial}?asOf=${'2'.repeat(10_000)}`, 422, 'payload_invalid'],
]

test('every question has its answer, and a bad one says what is wrong with it', async () => {
  for (const [path, status, code] of questions) {
    const { text, ...answer } = await reader.read(path)
    const body = JSON.parse(text) as { code?: string; errors?: { path: string }[] }
    expect([answer.status, body.code ?? null], path.slice(0, 200)).toEqual([status, code])
    if (code === 'payload_invalid') expect(body.errors?.length, path.slice(0, 200)).toBeGreaterThan(0)
    if (status !== 200) expect(answer.type).toBe('application/problem+json; charset=utf-8')
  }
})

test('before the first entry everything is zero, and an unknown user has nothing', async () => {
  const past = 'asOf=2001-01-01T00:00:00Z'
  const zeros = { currency: 'USD', pending: 0, available: 0, held: 0, inPayout: 0, owed: 0, totalEarned: 0 }
  expect(await reader.get(`${balance}?${past}`)).toMatchObject({ balances: [zeros] })
  expect(await reader.get(`${balance}?${past}&basis=effective`)).toMatchObject({ balances: [zeros] })
  expect(await reader.get(`${trial}?${past}`)).toMatchObject({ balanced: true, lines: [], totals: [] })
  expect(await reader.get(`${liability}?${past}`)).toMatchObject({ lines: [], totals: [] })
  const nothing = { balances: [], items: [], nextCursor: null }
  expect(await reader.get(`${entries}?to=2001-01-01T00:00:00Z`)).toMatchObject(nothing)
  expect(await reader.get(`/api/v1/users/${stranger}/entries`)).toMatchObject(nothing)
  const csv = await reader.read(`/api/v1/users/${stranger}/entries`, 'text/csv')
  expect(csv.text.split('\r\n')).toHaveLength(2)
})

test('ids in capitals are the same ids', async () => {
  const capitals = userId.toUpperCase()
  expect(await reader.get(`/api/v1/users/${capitals}/balance`)).toEqual(await reader.get(balance))
  const to = new Date().toISOString()
  const [one, other] = await Promise.all(
    [userId, capitals].map((id) => reader.read(`/api/v1/users/${id}/entries?to=${to}`)),
  )
  expect(one).toEqual(other)
  const { items } = JSON.parse(one!.text) as { items: { transferId: string; causeId: string }[] }
  const [{ transferId, causeId }] = items as [(typeof items)[0]]
  expect(await reader.get(`/api/v1/transfers/${transferId.toUpperCase()}`)).toMatchObject({ id: transferId })
  expect(await reader.get(`/api/v1/transfers?causeId=${causeId.toUpperCase()}`)).toMatchObject({
    items: [{ id: transferId }],
  })
})

test('a question that is too long to be one is refused', async () => {
  const { status, text } = await reader.read(`${balance}?currency=${'U'.repeat(20_000)}`)
  expect([status, JSON.parse(text)]).toMatchObject([431, { code: 'headers_too_large' }])
})

/** Whatever is asked of whatever can be read: an answer or a refusal that says why, never a fault. */
test('no field of any list or report takes what it should not', async () => {
  const { routes } = ledger(configShape.parse({ LEDGER_SIGNING_KEY: newSigningKey() }))
  const readable = routes.filter(({ method, path }) => method === 'GET' && !path.endsWith('/export'))
  expect(readable.length).toBeGreaterThan(10)
  const values = [
    '',
    '%00',
    "'",
    '1e1',
    '-1',
    'null',
    '[object Object]',
    '%F0%9F%98%80',
    tomorrow,
    'e30',
    stranger.toUpperCase(),
  ]
  for (const { path, query } of readable) {
    const fields = Object.keys((query as z.ZodObject | undefined)?.shape ?? {})
    const asked = [...fields, 'unknown'].flatMap((field) =>
      [...values, `1&${field}=1`].map((value) => `${path.replaceAll(/\{\w+\}/g, stranger)}?${field}=${value}`),
    )
    const misplaced = /\{\w+\}/.test(path)
      ? ['%00', '1', "'", '%E0%A4%A', '..%2f'].map((id) => path.replaceAll(/\{\w+\}/g, id))
      : []
    for (const question of [...asked, ...misplaced]) {
      const { status, text } = await reader.read(question)
      expect([200, 400, 403, 404, 409, 422], `${question} ${text}`).toContain(status)
      if (question.includes('unknown=')) expect(status, question).not.toBe(200)
    }
  }
})

test('the description of the API refers to nothing that it does not hold', async () => {
  const { text } = await reader.read('/openapi.json')
  const description = JSON.parse(text) as object
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, pointer]) => pointer!)
  expect(references.length).toBeGreaterThan(10)
  const missing = references.filter((pointer) => {
    const steps = pointer.split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    return (
      steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], description) ===
      undefined
    )
  })
  expect(missing).toEqual([])
})
