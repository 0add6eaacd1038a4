import { createHash } from 'node:crypto'
import { query } from '@tributary/database'
import { testDatabase } from '@tributary/testing'
import { describe, expect, it } from 'vitest'
import { pruneRejections } from '../src/jobs/prune-rejections.ts'
import { newSecret } from '../src/providers/standard-webhooks.ts'
import { deleteOldRejections, ROWS_MAX } from '../src/store/rejections.ts'
import { countRows, get, type Ingest, newId, paid, send, signWebhook, startIngest, webhook } from './sender.ts'

type Listed = { items: Record<string, unknown>[]; nextCursor: string | null }
const list = async (ingest: Ingest, query = '') =>
  (await get<Listed>(ingest, `/api/v1/webhooks/rejections?${query}`)).body

describe('a refused webhook', () => {
  it('is noted with what its sender needs, and with nothing of what it carried', async () => {
    const ingest = await startIngest()
    const id = newId()
    const body = webhook({ ...paid, amount: -1, email: 'ann@example.com' })
    await send(ingest, { id, body })
    await expect.poll(async () => (await list(ingest)).items.length).toBe(1)
    const { items } = await list(ingest)
    expect(items[0]).toEqual({
      id: expect.any(String),
      at: expect.any(String),
      source: 'default',
      reason: 'payload_invalid',
      detail: expect.stringContaining('/data/amount'),
      webhookId: id,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      bodyBytes: body.length,
    })
    const row = JSON.stringify(await query(ingest.database.db, 'select * from webhook_rejections'))
    for (const secret of ['ann@example.com', 'customer-1', ingest.secret]) expect(row).not.toContain(secret)
  })

  it.each([
    ['signature_missing', { headers: { 'webhook-signature': null } }],
    ['signature_malformed', { headers: { 'webhook-signature': 'v1,x' } }],
    ['signature_mismatch', { secret: newSecret() }],
    ['timestamp_outside_tolerance', { signedAt: new Date(0) }],
    ['content_type_unsupported', { headers: { 'content-type': 'text/plain' } }],
    ['payload_too_large', { body: Buffer.alloc(70_000, ' ') }],
  ])('is noted as %s', async (reason, sent) => {
    const ingest = await startIngest()
    await send(ingest, sent)
    await expect.poll(async () => (await list(ingest, `reason=${reason}`)).items.length).toBe(1)
  })

  it('is answered at once, however many there are, and only some are noted', async () => {
    const ingest = await startIngest()
    const secret = newSecret()
    const answers = await Promise.all(Array.from({ length: 400 }, () => send(ingest, { secret })))
    expect(new Set(answers.map((answer) => answer.body.code))).toEqual(new Set(['signature_mismatch']))
    await ingest.stop()
    const noted = await countRows(ingest, 'webhook_rejections')
    expect(noted).toBeGreaterThan(0)
    // 50 a second, and this took a few seconds at most.
    expect(noted).toBeLessThan(400)
  })

  it('is answered the same where it cannot be noted', async () => {
    const ingest = await startIngest()
    await ingest.database.db.raw('drop table webhook_rejections')
    expect((await send(ingest, { body: '{}' })).status).toBe(422)
    expect((await send(ingest)).status).toBe(202)
  })
})

it('old rejections are deleted, and those beyond the number kept', async () => {
  const { db } = await testDatabase('ingest')
  const now = new Date()
  await query(
    db,
    `insert into webhook_rejections (id, at, reason)
     select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
       ?::timestamptz - case when n <= 60 then interval '31 days' else interval '1 hour' end, 'payload_invalid'
     from generate_series(1, ?) n`,
    [now, ROWS_MAX + 100],
  )
  expect(await deleteOldRejections(db, now, 30)).toBe(30)
  expect(await pruneRejections.run({ db, now: () => now } as never)).toBe(false)
  const [left] = await query(db, 'select count(*)::int as count, min(id::text) as lowest from webhook_rejections')
  expect(left).toEqual({ count: ROWS_MAX, lowest: '00000000-0000-7000-8000-000000000101' })
})

describe('whoever asks what is wrong', () => {
  const verify = (ingest: Ingest, body: string, headers: Record<string, string>) =>
    get(ingest, '/api/v1/webhooks/verify', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })

  it('is told which of secret, timestamp and body it is, and nothing is stored', async () => {
    const ingest = await startIngest()
    const body = '{"type": "a.b"}'
    const now = ingest.clock.now()
    const sign = (secret: string, at: Date, signed: string) => signWebhook(secret, 'msg_1', at, signed)
    const right = await verify(ingest, body, sign(ingest.secret, now, body))
    expect(right.body).toMatchObject({ valid: true, secret: 'matches', timestamp: 'matches', body: 'matches' })
    const renamed = Object.entries(sign(ingest.secret, now, body)).map(([name, value]) => [
      name.replace('webhook', 'svix'),
      value,
    ])
    expect((await verify(ingest, body, Object.fromEntries(renamed) as Record<string, string>)).body).toMatchObject({
      valid: true,
    })
    const late = await verify(ingest, body, sign(ingest.secret, new Date(now.getTime() - 400_000), body))
    expect(late.body).toMatchObject({ valid: false, secret: 'matches', timestamp: 'does not match', body: 'matches' })
    const rewritten = await verify(ingest, body, sign(ingest.secret, now, '{"type":"a.b"}'))
    expect(rewritten.body).toMatchObject({
      valid: false,
      secret: 'matches',
      timestamp: 'matches',
      body: 'does not match',
    })
    const stranger = await verify(ingest, body, sign(newSecret(), now, body))
    expect(stranger.body).toMatchObject({ valid: false, secret: 'unknown', timestamp: 'matches', body: 'unknown' })
    const nothing = await verify(ingest, body, {})
    expect(nothing.body).toMatchObject({ valid: false, detail: expect.stringContaining('webhook-id is missing') })
    for (const table of ['webhook_events', 'idempotency_keys', 'webhook_rejections']) {
      expect(await countRows(ingest, table)).toBe(0)
    }
  })
})

it('every answer is counted, from zero on', async () => {
  const ingest = await startIngest()
  const metrics = async () => (await fetch(ingest.metricsUrl)).text()
  const zero = await metrics()
  for (const result of [
    'accepted',
    'duplicate',
    'signature_mismatch',
    'idempotency_conflict',
    'temporarily_unavailable',
  ]) {
    expect(zero).toContain(`tributary_webhooks_received_total{result="${result}"} 0`)
  }
  await send(ingest, { id: 'msg_1' })
  await send(ingest, { id: 'msg_1' })
  await send(ingest, { id: 'msg_1', body: webhook({ ...paid, amount: 1 }) })
  await send(ingest, { secret: newSecret() })
  const text = await metrics()
  for (const result of ['accepted', 'duplicate', 'signature_mismatch', 'idempotency_conflict']) {
    expect(text).toContain(`tributary_webhooks_received_total{result="${result}"} 1`)
  }
  expect(text).toContain('tributary_webhook_ack_duration_seconds_count 2')
})

it('nobody may change what was stored, ingest itself included', async () => {
  const ingest = await startIngest()
  await send(ingest)
  for (const table of ['webhook_events', 'idempotency_keys', 'effects']) {
    await expect(ingest.db.raw(`delete from ${table}`)).rejects.toThrow('permission denied')
    await expect(ingest.db.raw(`update ${table} set event_id = event_id`)).rejects.toThrow('permission denied')
    await expect(ingest.db.raw(`truncate ${table}`)).rejects.toThrow('permission denied')
  }
  await expect(ingest.db.raw('update event_statuses set event_id = event_id')).rejects.toThrow('permission denied')
})
