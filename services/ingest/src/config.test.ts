import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { ConfigError, loadConfig } from '@tributary/service-kit'
import { expect, it } from 'vitest'
import { configShape } from './config.ts'
import { newSecret, parseSecret } from './providers/standard-webhooks.ts'

const key = () => randomBytes(32).toString('base64')
const INGEST_SIGNING_KEY = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const complaints = (env: Record<string, string>) => {
  try {
    loadConfig(configShape, { INGEST_SIGNING_KEY, ...env })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.complaints.map((line) => line.split(/[ :]/)[0])
    throw error
  }
}

it('what ingest is told to keep secret must be able to', () => {
  expect(complaints({ SECRETS_KEY: key() })).toEqual([])
  expect(complaints({ SECRETS_KEY: `${key()},${key()}`, WEBHOOK_SECRET: newSecret() })).toEqual([])
  expect(complaints({})).toEqual(['SECRETS_KEY'])
  for (const wrong of ['short', `${key()}=`, `${key()};${key()}`, randomBytes(16).toString('base64')]) {
    expect(complaints({ SECRETS_KEY: wrong })).toEqual(['SECRETS_KEY'])
  }
})

it('a key that signs receipts is an Ed25519 key, and none is made up', () => {
  const env = { SECRETS_KEY: key() }
  const [privateKey] = [INGEST_SIGNING_KEY].map((pem) => Buffer.from(pem).toString('base64'))
  expect(complaints({ ...env, INGEST_SIGNING_KEY: privateKey! })).toEqual([])
  expect(complaints({ ...env, INGEST_SIGNING_KEY: '' })).toEqual(['INGEST_SIGNING_KEY'])
  expect(complaints({ ...env, INGEST_SIGNING_KEY: key() })).toEqual(['INGEST_SIGNING_KEY'])
  expect(complaints({ ...env, INGEST_RETIRED_PUBLIC_KEYS: privateKey! })).toEqual(['INGEST_RETIRED_PUBLIC_KEYS'])
})

it('all complaints come at once, and none repeats a secret', () => {
  const env = { SECRETS_KEY: 'my-secret', WEBHOOK_SECRET: 'whsec_my-secret', INTAKE_BATCH_MAX: '0' }
  expect(complaints(env)).toEqual(['WEBHOOK_SECRET', 'SECRETS_KEY', 'INTAKE_BATCH_MAX'])
  expect(() => loadConfig(configShape, env)).toThrow(expect.not.objectContaining({ message: /my-secret/ }))
})

it('a webhook secret that passes here can be signed with', () => {
  for (const bytes of [23, 24, 32, 64, 65]) {
    const secret = `whsec_${randomBytes(bytes).toString('base64')}`
    expect([bytes, complaints({ SECRETS_KEY: key(), WEBHOOK_SECRET: secret })]).toEqual([
      bytes,
      parseSecret(secret) ? [] : ['WEBHOOK_SECRET'],
    ])
  }
})
