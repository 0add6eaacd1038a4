import { createHmac, generateKeyPairSync } from 'node:crypto'
import { type TestService, testIssuer, tokenFor } from '@tributary/testing'
import { SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { deadLetterRoutes } from '../src/dead-letters.ts'
import type { Route } from '../src/index.ts'
import { commandRoute, startToy, toyRoutes } from './toy.ts'

let toy: TestService
beforeAll(async () => {
  toy = await startToy()
})

const routes = [...toyRoutes(), commandRoute, ...deadLetterRoutes('payouts')]
const guarded = routes.flatMap((route) => ('scope' in route.access ? [{ ...route, access: route.access }] : []))

function call({ method, path }: Pick<Route, 'method' | 'path'>, authorization?: string): Promise<Response> {
  const url = path.replaceAll(/\{\w+\}/g, '0190163d-8694-739b-aea5-966c26f8ad91')
  return toy.fetch(url, { method, headers: authorization === undefined ? {} : { authorization } })
}

async function expectRefusal(response: Response, status: number, code: string): Promise<{ detail?: string }> {
  const body = (await response.json()) as { code: string; detail?: string }
  expect([response.status, body.code]).toEqual([status, code])
  return body
}

test('there are routes to try', () => {
  expect(guarded.length).toBeGreaterThanOrEqual(8)
})

describe.each(guarded.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (_name, route) => {
  const { scope, personOnly } = route.access
  const kind = personOnly === true ? 'person' : 'client'

  test('asks for a token', async () => {
    const response = await call(route)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="tributary"')
    await expectRefusal(response, 401, 'token_missing')
  })

  test('refuses every token but one that is signed for us, now', async () => {
    for (const token of await badTokens(scope)) {
      const response = await call(route, token)
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
      await expectRefusal(response, 401, 'token_invalid')
    }
  })

  test('names the scope that a token lacks', async () => {
    const all = ['users:read', 'users:write', 'dead-letters:read', 'dead-letters:write'] as const
    const response = await call(
      route,
      `Bearer ${await tokenFor(
        all.filter((one) => one !== scope),
        { kind },
      )}`,
    )
    expect(response.headers.get('www-authenticate')).toContain(`scope="${scope}"`)
    expect((await expectRefusal(response, 403, 'scope_required')).detail).toContain(scope)
  })

  test('admits whoever has the scope, and only people where only people may', async () => {
    const admitted = await call(route, `Bearer ${await tokenFor([scope], { kind })}`)
    expect([401, 403, 500, 503]).not.toContain(admitted.status)
    if (personOnly === true) {
      await expectRefusal(await call(route, `Bearer ${await tokenFor([scope])}`), 403, 'person_required')
    }
  })
})

async function badTokens(scope: Parameters<typeof tokenFor>[0][number]): Promise<string[]> {
  const [good, expired, otherIssuer, otherAudience] = await Promise.all([
    tokenFor([scope]),
    tokenFor([scope], { expiresInSeconds: -60 }),
    tokenFor([scope], { issuer: 'https://elsewhere.test' }),
    tokenFor([scope], { audience: 'somebody-else' }),
  ])
  const [header, claims, signature] = good.split('.') as [string, string, string]
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const { issuer } = await testIssuer()
  const forged = new SignJWT({ scope, kind: 'client' })
    .setProtectedHeader({ alg: 'ES256', kid: 'tests' })
    .setIssuer(issuer)
    .setAudience('tributary')
    .setSubject('me')
    .setExpirationTime('5m')
  const hmacHead = `${encode({ alg: 'HS256', kid: 'tests' })}.${claims}`
  return [
    'Bearer rubbish',
    'Bearer ',
    `Basic ${Buffer.from('a:b').toString('base64')}`,
    `Bearer ${expired}`,
    `Bearer ${otherIssuer}`,
    `Bearer ${otherAudience}`,
    `Bearer ${header}.${claims}.${signature.replace(/^./, (one) => (one === 'A' ? 'B' : 'A'))}`,
    `Bearer ${header}.${encode({ sub: 'me', scope })}.${signature}`,
    `Bearer ${encode({ alg: 'none' })}.${claims}.`,
    `Bearer ${hmacHead}.${createHmac('sha256', 'public key').update(hmacHead).digest('base64url')}`,
    `Bearer ${await forged.sign(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)}`,
  ]
}

test('a token that names no kind of principal is not believed', async () => {
  const odd = await tokenFor(['users:read'], { kind: 'robot' as 'client' })
  await expectRefusal(await call(routes[1]!, `Bearer ${odd}`), 401, 'token_invalid')
})

test('when the keys cannot be fetched it is our fault, not the token’s', async () => {
  const blind = await startToy({}, { config: { AUTH_JWKS_URL: 'http://127.0.0.1:9/keys' } })
  const token = await tokenFor(['users:write'])
  const response = await blind.fetch('/api/v1/toys', { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  expect(response.headers.get('retry-after')).toBe('1')
  await expectRefusal(response, 503, 'temporarily_unavailable')
})

test('a token is not believed beyond its end because it was believed before', async () => {
  const token = `Bearer ${await tokenFor(['dead-letters:read'], { expiresInSeconds: 1 - 5 })}`
  const path = { method: 'GET', path: '/api/v1/dead-letters' } as const
  expect((await call(path, token)).status).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  await expectRefusal(await call(path, token), 401, 'token_invalid')
})
