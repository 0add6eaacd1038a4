import { randomBytes } from 'node:crypto'
import { query } from '@tributary/database'
import { expect, it } from 'vitest'
import { newSealing } from '../src/store/sealing.ts'
import { adapterSecret, configure, deliver, signedAsGithub } from './adapter-sender.ts'
import { get, type Ingest, sealingKey, send, startIngest, webhook } from './sender.ts'

const newKey = randomBytes(32).toString('base64')

const post = (ingest: Ingest, path: string) =>
  get<{ resealed: number; keyId: string; webhookSecret: string }>(ingest, `/api/v1/system-config/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(path === 'reseal' ? {} : { body: '{}' }),
  })

async function rotateAll(ingest: Ingest): Promise<string> {
  const { webhookSecret } = (await post(ingest, 'webhook-secret/rotate')).body
  await configure(ingest, 'github-style', { secret: 'the-first-secret-of-it' })
  await configure(ingest, 'github-style')
  await configure(ingest, 'stripe', { secret: null })
  return webhookSecret
}

it('with a new key before the old one, one command seals every secret anew, and the old key can go', async () => {
  const first = await startIngest()
  const webhookSecret = await rotateAll(first)
  const same = { database: first.database, broker: first.broker }
  const both = await startIngest({ SECRETS_KEY: `${newKey},${sealingKey}` }, same)
  // Two of the webhook sender, two of the adapter, none of the one that is switched off.
  expect((await post(both, 'reseal')).body).toEqual({ resealed: 4, keyId: newSealing(newKey).keyId })
  const rows = await query<Record<string, Buffer>>(
    first.database.db,
    `select webhook_secret, previous_webhook_secret from system_configs
     union all select secret, previous_secret from adapter_secrets where secret is not null`,
  )
  const keyIds = rows.flatMap((row) => Object.values(row)).map((sealed) => sealed.subarray(1, 5).toString('hex'))
  expect(keyIds).toEqual(Array(4).fill(newSealing(newKey).keyId))
  const later = await startIngest({ SECRETS_KEY: newKey }, same)
  for (const secret of [webhookSecret, first.secret]) expect((await send(later, { secret })).status).toBe(202)
  const body = webhook()
  for (const secret of [adapterSecret, 'the-first-secret-of-it']) {
    expect((await deliver(later, 'github-style', body, signedAsGithub(body, secret))).status).toBe(202)
  }
})

it('where one secret cannot be opened, none is sealed anew', async () => {
  const first = await startIngest()
  await rotateAll(first)
  await query(
    first.database.db,
    `update adapter_secrets set previous_secret = decode(repeat('00', 64), 'hex') where name = 'github-style'`,
  )
  const sealed = () => query(first.database.db, 'select webhook_secret from system_configs')
  const before = await sealed()
  const both = await startIngest(
    { SECRETS_KEY: `${newKey},${sealingKey}` },
    { database: first.database, broker: first.broker },
  )
  const refused = await post(both, 'reseal')
  expect(refused.status).toBe(503)
  expect(refused.body).toMatchObject({
    code: 'temporarily_unavailable',
    detail: expect.stringMatching(/cannot be opened/),
  })
  expect(await sealed()).toEqual(before)
})

it('a process with the old key alone refuses to say anything rather than to refuse a right sender', async () => {
  const first = await startIngest()
  await send(first)
  const same = { database: first.database, broker: first.broker }
  const both = await startIngest({ SECRETS_KEY: `${newKey},${sealingKey}` }, same)
  await post(both, 'reseal')
  const old = await startIngest({}, same)
  expect((await send(old, { secret: first.secret })).status).toBe(503)
  expect((await send(both, { secret: first.secret })).status).toBe(202)
})
