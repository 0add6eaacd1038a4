import { generateKeyPairSync } from 'node:crypto'
import { clientCredentials, newClient } from '@tributary/client'
import { allScopes } from '@tributary/contracts'
import { query } from '@tributary/database'
import {
  cutLine,
  startTestService,
  type TestService,
  type TestServiceOptions,
  testClock,
  testDatabase,
} from '@tributary/testing'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { admin } from '../src/app.ts'

type Own = Parameters<typeof admin>[0]

const newKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const issuer = 'https://admin.test'
const own: Own = {
  AUTH_ISSUER: issuer,
  ADMIN_SIGNING_KEY: newKey(),
  ADMIN_BOOTSTRAP_CLIENT_ID: 'shop',
  ADMIN_BOOTSTRAP_CLIENT_SECRET: '0123456789abcdef',
}

const start = (changes: Partial<Own> = {}, options: TestServiceOptions<Own> = {}) =>
  startTestService<Own>('admin', admin, { own: { ...own, ...changes }, ...options })

let service: TestService
beforeAll(async () => {
  service = await start()
})

type Answer = { status: number; headers: Headers; body: Record<string, string> & { expires_in?: number } }
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

async function ask(init: RequestInit, at = service): Promise<Answer> {
  const response = await at.fetch('/oauth/token', { method: 'POST', ...init })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] }
}

const grant = { grant_type: 'client_credentials' }
const form = (parameters: Record<string, string> = grant) => new URLSearchParams(parameters)
const good = { headers: { authorization: basic('shop', '0123456789abcdef') } }

test('a client gets a token that the published keys verify', async () => {
  const { status, headers, body } = await ask({ ...good, body: form({ ...grant, scope: 'users:read ledger:read' }) })
  expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
  expect(body).toEqual({
    access_token: expect.any(String) as string,
    token_type: 'Bearer',
    expires_in: 900,
    scope: 'users:read ledger:read',
  })
  const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', service.url))
  const { payload, protectedHeader } = await jwtVerify(body.access_token!, keys, { issuer, audience: 'tributary' })
  expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) as string })
  expect(payload).toMatchObject({ sub: 'shop', client_id: 'shop', kind: 'client', scope: 'users:read ledger:read' })
  expect(payload.exp! - payload.iat!).toBe(900)
})

test('the published keys are public', async () => {
  const { keys } = (await (await service.fetch('/.well-known/jwks.json')).json()) as { keys: object[] }
  expect(keys).toHaveLength(1)
  expect(Object.keys(keys[0]!).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
})

test.each<[string, RequestInit]>([
  ['a form with HTTP Basic', { ...good, body: form() }],
  ['a form with the secret in it', { body: form({ ...grant, client_id: 'shop', client_secret: '0123456789abcdef' }) }],
  [
    'JSON with the secret in it',
    {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...grant, client_id: 'shop', client_secret: '0123456789abcdef' }),
    },
  ],
])('without a scope it gets all it may have: %s', async (_name, init) => {
  const { status, body } = await ask(init)
  expect(status).toBe(200)
  expect(body.scope?.split(' ').sort()).toEqual(allScopes.toSorted())
})

test.each<[string, RequestInit, number, string]>([
  ['a wrong secret', { headers: { authorization: basic('shop', 'wrong') }, body: form() }, 401, 'invalid_client'],
  ['an unknown client', { headers: { authorization: basic('none', 'wrong') }, body: form() }, 401, 'invalid_client'],
  ['NUL in the client', { body: form({ ...grant, client_id: 'a\0', client_secret: 'x' }) }, 401, 'invalid_client'],
  ['NUL in HTTP Basic', { headers: { authorization: basic('a\0', 'x') }, body: form() }, 401, 'invalid_client'],
  [
    'a client of 7,000',
    { headers: { authorization: basic('a'.repeat(7_000), 'x') }, body: form() },
    401,
    'invalid_client',
  ],
  ['no credentials', { body: form() }, 401, 'invalid_client'],
  ['another kind of authorization', { headers: { authorization: 'Bearer x' }, body: form() }, 401, 'invalid_client'],
  ['no grant type', { ...good, body: form({ scope: 'users:read' }) }, 400, 'invalid_request'],
  ['another grant type', { ...good, body: form({ grant_type: 'password' }) }, 400, 'unsupported_grant_type'],
  ['a scope nobody has', { ...good, body: form({ ...grant, scope: 'users:read all' }) }, 400, 'invalid_scope'],
  [
    'a parameter twice',
    { ...good, body: new URLSearchParams('grant_type=client_credentials&grant_type=x') },
    400,
    'invalid_request',
  ],
  [
    'a body of another kind',
    { headers: { ...good.headers, 'content-type': 'text/plain' }, body: 'x' },
    400,
    'invalid_request',
  ],
  [
    'JSON that is none',
    { headers: { ...good.headers, 'content-type': 'application/json' }, body: '{' },
    400,
    'invalid_request',
  ],
  [
    'JSON of other things',
    { headers: { ...good.headers, 'content-type': 'application/json' }, body: '{"grant_type":1}' },
    400,
    'invalid_request',
  ],
])('a refusal speaks OAuth: %s', async (_name, init, status, error) => {
  const answer = await ask(init)
  expect([answer.status, answer.body.error]).toEqual([status, error])
  expect(answer.body.error_description).toEqual(expect.any(String))
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(JSON.stringify(answer.body)).not.toContain('0123456789abcdef')
})

test('a client that failed by HTTP Basic is told how to authenticate', async () => {
  const { headers } = await ask({ headers: { authorization: basic('shop', 'wrong') }, body: form() })
  expect(headers.get('www-authenticate')).toBe('Basic realm="tributary"')
})

test('of a secret only a salted hash is kept', async () => {
  const [row] = await query<{ all: string }>(
    service.database.db,
    "select api_clients::text || encode(secret_hash, 'escape') as all from api_clients where id = 'shop'",
  )
  expect(row!.all).not.toContain('0123456789abcdef')
})

test('guessing is stopped for the client that is guessed, and for no other', async () => {
  const clock = testClock()
  const guarded = await start({}, { clock })
  const wrong = { headers: { authorization: basic('victim', 'wrong') }, body: form() }
  for (let i = 0; i < 10; i++) expect((await ask(wrong, guarded)).status).toBe(401)
  const stopped = await ask(wrong, guarded)
  expect([stopped.status, Number(stopped.headers.get('retry-after'))]).toEqual([
    429,
    expect.toSatisfy((s: number) => s > 50 && s <= 60),
  ])
  expect((await ask({ ...good, body: form() }, guarded)).status).toBe(200)
  clock.forward({ minutes: 1 })
  expect((await ask(wrong, guarded)).status).toBe(401)
})

test('guessing is stopped as soon when the guesses come at once', async () => {
  const guarded = await start()
  const wrong = { headers: { authorization: basic('victim', 'wrong') }, body: form() }
  const answers = await Promise.all(Array.from({ length: 60 }, () => ask(wrong, guarded)))
  const looked = answers.filter(({ status }) => status === 401).length
  // One may have been under way beside the tenth.
  expect(looked).toBeGreaterThanOrEqual(10)
  expect(looked).toBeLessThanOrEqual(11)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(60 - looked)
})

test('many right clients at once all get their tokens', async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, () => ask({ ...good, body: form() })))
  expect(answers.map(({ status }) => status)).toEqual(Array(60).fill(200))
})

test('a client that is disabled gets no more tokens, and a restart does not enable it', async () => {
  const first = await start()
  expect((await ask({ ...good, body: form() }, first)).status).toBe(200)
  await query(first.database.db, 'update api_clients set disabled_at = now()')
  expect((await ask({ ...good, body: form() }, first)).status).toBe(401)
  const again = await start({}, { database: first.database, broker: first.broker })
  expect((await ask({ ...good, body: form() }, again)).status).toBe(401)
})

test('a new secret in the configuration replaces the old one', async () => {
  const first = await start()
  expect((await ask({ ...good, body: form() }, first)).status).toBe(200)
  const options = { database: first.database, broker: first.broker }
  const changed = await start({ ADMIN_BOOTSTRAP_CLIENT_SECRET: 'another-secret-16' }, options)
  expect(
    (await ask({ headers: { authorization: basic('shop', 'another-secret-16') }, body: form() }, changed)).status,
  ).toBe(200)
  expect((await ask({ ...good, body: form() }, changed)).status).toBe(401)
})

test('after the signing key changed, tokens of the old one are still believed, and new ones are of the new one', async () => {
  const before = await ask({ ...good, body: form({ ...grant, scope: 'dead-letters:read' }) })
  const options = { database: service.database, broker: service.broker }
  const rotated = await start(
    { ADMIN_SIGNING_KEY: newKey(), ADMIN_RETIRED_SIGNING_KEYS: [own.ADMIN_SIGNING_KEY] },
    options,
  )
  const after = await ask({ ...good, body: form({ ...grant, scope: 'dead-letters:read' }) }, rotated)
  const kid = (answer: Answer) => decodeProtectedHeader(answer.body.access_token!).kid
  expect(kid(after)).not.toBe(kid(before))
  for (const answer of [before, after]) {
    const authorization = `Bearer ${answer.body.access_token}`
    expect((await rotated.fetch('/api/v1/dead-letters', { headers: { authorization } })).status).toBe(200)
  }
})

test('without its database it asks to try again, and then there is a client from the start', async () => {
  const database = await testDatabase('admin')
  const line = await cutLine(database.url)
  line.cut()
  const late = await start({}, { database, databaseUrl: line.url })
  const refused = await late.fetch('/oauth/token', { method: 'POST', ...good, body: form() })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  line.mend()
  expect((await ask({ ...good, body: form() }, late)).status).toBe(200)
})

test('libs/client gets a token once for many calls, and a new one when it was refused', async () => {
  const fresh = await start()
  const tokens = clientCredentials({ adminUrl: fresh.url, clientId: 'shop', clientSecret: '0123456789abcdef' })
  const client = newClient({ urls: { admin: fresh.url }, tokens })
  await Promise.all(Array.from({ length: 5 }, () => client.listDeadLetters('admin')))
  const counted = /request_duration_seconds_count\{route="\/oauth\/token",method="POST",code="200"\} (\d+)/
  const issued = async () => Number(counted.exec(await fresh.metrics.registry.metrics())?.[1])
  expect(await issued()).toBe(1)
  expect(decodeJwt(await tokens.get()).sub).toBe('shop')
  tokens.forget(await tokens.get())
  await client.listDeadLetters('admin')
  expect(await issued()).toBe(2)
  await expect(client.getDeadLetter('admin', '0190163d-8694-739b-aea5-966c26f8ad91')).rejects.toMatchObject({
    name: 'ApiError',
    status: 404,
    code: 'not_found',
  })
})
