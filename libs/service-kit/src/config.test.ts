import { expect, test } from 'vitest'
import { z } from 'zod'
import { ConfigError, configTable, envExample, loadConfig } from './config.ts'
import { kitShape, loadKitConfig } from './kit-config.ts'

const good = {
  HTTP_PORT: '4002',
  DATABASE_URL: 'postgres://rewards:s3cret@localhost/tributary_rewards',
  AMQP_URL: 'amqp://rewards:s3cret@localhost',
  AUTH_ISSUER: 'http://localhost:4000',
  AUTH_JWKS_URL: 'http://localhost:4000/.well-known/jwks.json',
}

function complaintsOf(env: Record<string, string>): readonly string[] {
  try {
    loadKitConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.complaints
    throw error
  }
  return []
}

test('what follows from other variables is filled in', () => {
  expect(loadKitConfig(good)).toMatchObject({
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: 4002,
    METRICS_PORT: 4102,
    CONSUME_BATCH_MAX: 200,
    CONSUME_PREFETCH: 400,
    RELAY_BATCH_MAX: 500,
  })
  expect(loadKitConfig({ ...good, HTTP_PORT: '0' }).METRICS_PORT).toBe(0)
  expect(loadKitConfig({ ...good, CONSUME_BATCH_MAX: '50' }).CONSUME_PREFETCH).toBe(100)
})

test('all complaints come at once', () => {
  const { HTTP_PORT: _, ...rest } = good
  expect(complaintsOf({ ...rest, DATABASE_URL: 'mysql://x', DATABASE_POOL_MAX: 'many', LOG_LEVEL: 'loud' })).toEqual([
    'HTTP_PORT is missing',
    expect.stringMatching(/^LOG_LEVEL: /),
    'DATABASE_URL: must be a postgres:// URL',
    expect.stringMatching(/^DATABASE_POOL_MAX: /),
  ])
})

test('no complaint repeats a value', () => {
  const secret = 'canary-51c7'
  const wrong = Object.fromEntries(Object.keys(kitShape.shape).map((name) => [name, secret]))
  const complaints = complaintsOf(wrong)
  expect(complaints.length).toBeGreaterThan(8)
  expect(complaints.join()).not.toContain(secret)
})

test('an empty variable is an absent one', () => {
  expect(complaintsOf({ ...good, HTTP_PORT: '' })).toEqual(['HTTP_PORT is missing'])
  expect(loadKitConfig({ ...good, DATABASE_POOL_MAX: '' }).DATABASE_POOL_MAX).toBe(10)
})

test('a variable nobody asked for is not read', () => {
  expect(loadConfig(z.object({ A: z.string() }), { A: 'a', B: 'b' })).toEqual({ A: 'a' })
})

test('every variable of the kit is described, for people and for .env files', () => {
  for (const row of configTable(kitShape).trim().split('\n').slice(2))
    expect(row).toMatch(/^\| `[A-Z_]+` \|.*\| .+\. \|$/)
  expect(envExample(kitShape)).toContain('# Connections, at most.\n# DATABASE_POOL_MAX=10\n')
  expect(envExample(kitShape)).toContain('\nHTTP_PORT=\n')
})
