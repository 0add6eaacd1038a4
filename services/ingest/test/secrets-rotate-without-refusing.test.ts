import { until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { newSecret } from '../src/providers/standard-webhooks.ts'
import { countRows, get, type Ingest, sealingKey, send, startIngest } from './sender.ts'

const rotate = (ingest: Ingest, overlapSeconds?: number) =>
  get<{ webhookSecret: string; previousEndsAt: string }>(ingest, '/api/v1/system-config/webhook-secret/rotate', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(overlapSeconds === undefined ? {} : { overlapSeconds }),
  })

it('a new secret counts at once, in every process, and the one before it until the overlap ends', async () => {
  const one = await startIngest()
  const other = await startIngest(
    { WEBHOOK_SECRET: one.secret },
    { database: one.database, broker: one.broker, clock: one.clock },
  )
  // Both have read the secret and keep it.
  for (const ingest of [one, other]) expect((await send(ingest)).status).toBe(202)
  const { status, body } = await rotate(one, 3600)
  expect(status).toBe(200)
  for (const ingest of [one, other]) {
    expect((await send(ingest, { secret: body.webhookSecret })).status).toBe(202)
    expect((await send(ingest, { secret: one.secret })).status).toBe(202)
  }
  one.clock.forward({ hours: 1, seconds: 1 })
  for (const ingest of [one, other]) {
    expect((await send(ingest, { secret: body.webhookSecret })).status).toBe(202)
    expect((await send(ingest, { secret: one.secret })).body.code).toBe('signature_mismatch')
  }
})

it('a further rotation ends the oldest', async () => {
  const ingest = await startIngest()
  const second = (await rotate(ingest)).body.webhookSecret
  const third = (await rotate(ingest)).body.webhookSecret
  expect((await send(ingest, { secret: third })).status).toBe(202)
  expect((await send(ingest, { secret: second })).status).toBe(202)
  expect((await send(ingest, { secret: ingest.secret })).body.code).toBe('signature_mismatch')
})

it('without an overlap the secret before ends with it', async () => {
  const ingest = await startIngest()
  const { webhookSecret } = (await rotate(ingest, 0)).body
  expect((await send(ingest, { secret: webhookSecret })).status).toBe(202)
  expect((await send(ingest)).body.code).toBe('signature_mismatch')
  expect((await rotate(ingest, 604_801)).status).toBe(422)
})

it('a restart keeps the secret in the database, whatever the environment says then', async () => {
  const first = await startIngest()
  expect((await send(first)).status).toBe(202)
  const second = await startIngest({ WEBHOOK_SECRET: newSecret() }, { database: first.database, broker: first.broker })
  expect((await send(second, { secret: first.secret })).status).toBe(202)
  expect((await send(second)).body.code).toBe('signature_mismatch')
})

it('a secret is sealed in the database, and never answered again', async () => {
  const ingest = await startIngest()
  await send(ingest)
  const { webhookSecret } = (await rotate(ingest)).body
  const [row] = await ingest.database.db('system_configs').select()
  const config = JSON.stringify(await get(ingest, '/api/v1/system-config'))
  for (const secret of [ingest.secret, webhookSecret]) {
    const bytes = Buffer.from(secret.slice(6), 'base64')
    for (const column of [row.webhook_secret, row.previous_webhook_secret]) {
      expect(column.includes(bytes) || column.includes(secret.slice(6))).toBe(false)
    }
    expect(config).not.toContain(secret.slice(6))
  }
  expect(JSON.stringify(row)).not.toContain(sealingKey)
})

it('the configuration is changed by who may, and its version grows', async () => {
  const ingest = await startIngest()
  const before = await get<{ version: number; plan: string }>(ingest, '/api/v1/system-config')
  expect(before.body).toMatchObject({ version: 1, plan: 'enterprise', updatedBy: 'first start' })
  const patch = (body: object) =>
    get(ingest, '/api/v1/system-config', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  expect((await patch({ plan: 'growth' })).body).toMatchObject({ version: 2, plan: 'growth', updatedBy: 'tests' })
  expect((await patch({ plan: 'gold' })).status).toBe(422)
  expect((await patch({ webhookSecret: 'whsec_x' })).status).toBe(422)
  expect((await send(ingest)).status).toBe(202)
})

it('under load, on two processes and without a broker, no right sender is ever refused', async () => {
  const amqpUrl = 'amqp://127.0.0.1:1'
  const one = await startIngest({}, { amqpUrl })
  const other = await startIngest(
    { WEBHOOK_SECRET: one.secret },
    { database: one.database, broker: one.broker, amqpUrl },
  )
  let secret = one.secret
  let isRotating = true
  const answers: string[] = []
  // Each signs with the newest secret it was told: at any time that one and, while its request travels, the one before.
  const senders = Array.from({ length: 8 }, async (_, index) => {
    while (isRotating) {
      const { status, body } = await send(index % 2 === 0 ? one : other, { secret })
      answers.push(status === 202 ? 'accepted' : String(body.code))
    }
  })
  for (let rotation = 0; rotation < 20; rotation++) {
    const rotated = await rotate(rotation % 2 === 0 ? other : one, 60)
    expect(rotated.status).toBe(200)
    secret = rotated.body.webhookSecret
    const sent = answers.length
    await until('every sender has used the new secret', () => answers.length >= sent + 16)
  }
  isRotating = false
  await Promise.all(senders)
  expect(new Set(answers)).toEqual(new Set(['accepted']))
  expect(await countRows(one, 'webhook_events')).toBe(answers.length)
  expect((await send(other, { secret: one.secret })).body.code).toBe('signature_mismatch')
})
