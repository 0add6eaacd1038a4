import { query } from '@tributary/database'
import { expect, it } from 'vitest'
import { adapterSecret, configure, deliver, recorded, signedAsGithub, signedByStripe } from './adapter-sender.ts'
import { countRows, get, type Ingest, startIngest, webhook } from './sender.ts'

const body = webhook()
const send = async (ingest: Ingest, secret = adapterSecret) => {
  const answer = await deliver(ingest, 'github-style', body, signedAsGithub(body, secret))
  return answer.status === 202 ? 202 : answer.body.code
}

it('without one an adapter answers 404 and stores nothing; with null it does so again', async () => {
  const ingest = await startIngest()
  const unknown = await deliver(ingest, 'stripe', '{}', signedByStripe('{}', ingest.clock.now()))
  expect([unknown.status, unknown.body.code]).toEqual([404, 'adapter_not_configured'])
  expect(await send(ingest)).toBe('adapter_not_configured')
  expect(await countRows(ingest, 'webhook_events')).toBe(0)
  await configure(ingest, 'github-style')
  expect(await send(ingest)).toBe(202)
  // What one adapter has, no other has.
  expect((await deliver(ingest, 'shopify', '{}', { 'x-shopify-hmac-sha256': `${'A'.repeat(43)}=` })).status).toBe(404)
  await configure(ingest, 'github-style', { secret: null })
  await expect.poll(() => send(ingest), { timeout: 10_000 }).toBe('adapter_not_configured')
})

it('a new one counts at once in every process, and the one before until the overlap ends', async () => {
  const one = await startIngest()
  const other = await startIngest({}, { database: one.database, broker: one.broker, clock: one.clock })
  const [first, second, third] = ['a', 'b', 'c'].map((letter) => letter.repeat(20)) as [string, string, string]
  await configure(one, 'github-style', { secret: first })
  for (const ingest of [one, other]) expect(await send(ingest, first)).toBe(202)
  await configure(one, 'github-style', { secret: second, overlapSeconds: 3600 })
  // Set again, as a tool does that sets everything on each run: the overlap stays.
  await configure(one, 'github-style', { secret: second, overlapSeconds: 0 })
  for (const ingest of [one, other]) {
    expect(await send(ingest, second)).toBe(202)
    expect(await send(ingest, first)).toBe(202)
  }
  one.clock.forward({ hours: 1, seconds: 1 })
  for (const ingest of [one, other]) expect(await send(ingest, first)).toBe('signature_mismatch')
  await configure(one, 'github-style', { secret: third })
  await configure(one, 'github-style', { secret: first })
  expect(await send(one, third)).toBe(202)
  expect(await send(one, second)).toBe('signature_mismatch')
})

it('one from the environment is stored once, and then unused', async () => {
  const first = await startIngest({ GITHUB_STYLE_WEBHOOK_SECRET: adapterSecret })
  expect(await send(first)).toBe(202)
  const again = { GITHUB_STYLE_WEBHOOK_SECRET: 'another-secret-of-20' }
  const second = await startIngest(again, { database: first.database, broker: first.broker })
  expect(await send(second)).toBe(202)
  expect(await send(second, 'another-secret-of-20')).toBe('signature_mismatch')
})

it('a secret is sealed in the database and never answered; a wrong one is not taken', async () => {
  const ingest = await startIngest()
  const answer = await configure(ingest, 'stripe')
  expect(answer.body).toMatchObject({
    name: 'stripe',
    configured: true,
    path: '/api/v1/webhooks/stripe',
    updatedBy: 'tests',
  })
  const listed = await get<{ items: { name: string; configured: boolean }[] }>(ingest, '/api/v1/system-config/adapters')
  expect(listed.body.items.map((one) => [one.name, one.configured])).toEqual([
    ['stripe', true],
    ['shopify', false],
    ['github-style', false],
  ])
  const rows = await query<{ secret: Buffer }>(ingest.database.db, 'select * from adapter_secrets')
  expect(rows[0]!.secret.includes(adapterSecret)).toBe(false)
  expect(JSON.stringify([answer, listed])).not.toContain(adapterSecret)
  for (const wrong of ['short', 'x'.repeat(257), 'with a blank in it..', 'caf\u00e9'.repeat(5), 7]) {
    expect([wrong, (await configure(ingest, 'stripe', { secret: wrong })).status]).toEqual([wrong, 422])
  }
  expect((await configure(ingest, 'paypal')).status).toBe(422)
  expect((await configure(ingest, 'stripe', { secret: adapterSecret, overlapSeconds: 604_801 })).status).toBe(422)
})

it('a refused webhook of an adapter is noted under its source, and counted', async () => {
  const ingest = await startIngest()
  await configure(ingest, 'stripe')
  const paid = recorded('stripe/invoice.paid')
  await deliver(ingest, 'stripe', paid, signedByStripe(paid, ingest.clock.now(), 'x'.repeat(20)))
  const list = async () =>
    (await get<{ items: object[] }>(ingest, '/api/v1/webhooks/rejections?reason=signature_mismatch')).body.items
  await expect.poll(list).toMatchObject([{ source: 'stripe', bodyBytes: Buffer.byteLength(paid) }])
  const metrics = await (await fetch(ingest.metricsUrl)).text()
  expect(metrics).toContain('tributary_webhooks_received_total{result="signature_mismatch"} 1')
  expect(metrics).toContain('tributary_webhooks_received_total{result="cause_not_known"} 0')
})
