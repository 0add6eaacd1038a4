import { beforeAll, describe, expect, it } from 'vitest'
import { newSecret } from '../src/providers/standard-webhooks.ts'
import { countRows, type Ingest, newId, paid, send, startIngest, webhook } from './sender.ts'

let ingest: Ingest
beforeAll(async () => {
  ingest = await startIngest()
})

const secondsAgo = (seconds: number) => new Date(ingest.clock.now().getTime() - seconds * 1000)
const tooLarge = Buffer.alloc(64 * 1024 + 1, ' ')

/** Each is wrong in one more way than the one below it, so its code also says what is looked at first. */
const faults = [
  ['payload_too_large', 413, () => ({ body: tooLarge, headers: { 'webhook-id': null, 'content-type': 'text/plain' } })],
  ['signature_missing', 401, () => ({ headers: { 'webhook-signature': null, 'webhook-timestamp': 'hello' } })],
  ['signature_malformed', 401, () => ({ headers: { 'webhook-timestamp': '1.6e9' }, secret: newSecret() })],
  ['signature_mismatch', 401, () => ({ secret: newSecret(), signedAt: secondsAgo(9_999) })],
  [
    'timestamp_outside_tolerance',
    401,
    () => ({ signedAt: secondsAgo(310), headers: { 'content-type': 'text/plain' } }),
  ],
  ['timestamp_outside_tolerance', 401, () => ({ signedAt: secondsAgo(-310) })],
  ['content_type_unsupported', 415, () => ({ body: 'no JSON', headers: { 'content-type': 'text/plain' } })],
  ['payload_invalid', 422, () => ({ body: webhook({ ...paid, amount: -1 }) })],
] as const

describe('a refused webhook', () => {
  it.each(faults)('is answered %s', async (code, status, sent) => {
    const answer = await send(ingest, sent())
    expect([answer.body.code, answer.status]).toEqual([code, status])
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(answer.body).toMatchObject({ status, title: expect.any(String), type: expect.stringContaining(code) })
    // What a sender needs to see that its clock is wrong.
    expect(Math.abs(Date.parse(answer.headers.get('date')!) - Date.now())).toBeLessThan(5_000)
    expect(await countRows(ingest, 'idempotency_keys')).toBe(0)
  })

  it('names the fields that are wrong', async () => {
    const { body } = await send(ingest, { body: webhook({ ...paid, amount: 1.5, currency: 'usd' }) })
    expect(body.errors?.map((error) => error.path)).toEqual(['/data/amount', '/data/currency'])
  })
})

describe('a webhook at the edge', () => {
  it.each([-295, 0, 295])('signed %s seconds ago is accepted', async (seconds) => {
    expect((await send(ingest, { signedAt: secondsAgo(seconds) })).status).toBe(202)
  })

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'of the type %s is accepted',
    async (type) => expect((await send(ingest, { headers: { 'content-type': type } })).status).toBe(202),
  )

  it.each([
    null,
    '',
    'text/plain',
    'application/json; charset=latin1',
    'application/xml',
    'application/jsonx',
    'json',
    'a/b/c',
  ])('of the type %j is refused', async (type) => {
    const answer = await send(ingest, { headers: { 'content-type': type } })
    expect([answer.body.code, answer.status]).toEqual(['content_type_unsupported', 415])
  })

  it('of 64 KiB is accepted, and one byte more is not', async () => {
    const fill = (bytes: number) => {
      const empty = Buffer.byteLength(webhook({ ...paid, note: '' }))
      return webhook({ ...paid, note: 'x'.repeat(bytes - empty) })
    }
    expect((await send(ingest, { body: fill(64 * 1024) })).status).toBe(202)
    expect((await send(ingest, { body: fill(64 * 1024 + 1) })).body.code).toBe('payload_too_large')
  })

  it('of a type of another service is accepted as one of the sender’s own making', async () => {
    const { status, body } = await send(ingest, { body: webhook({ externalUserId: 'u', amount: 1 }, 'reward.earned') })
    expect(status).toBe(202)
    const [row] = await ingest.database.db('webhook_events').where({ event_id: body.eventId })
    expect(row.type).toBe('reward.earned')
  })

  it('with several signatures needs one that is right', async () => {
    const id = newId()
    const { status } = await send(ingest, { id })
    expect(status).toBe(202)
    const wrong = `v1,${Buffer.alloc(32).toString('base64')}`
    const right = await import('./sender.ts').then(({ signWebhook }) =>
      signWebhook(ingest.secret, id, ingest.clock.now(), webhook()),
    )
    const list = `${wrong} v1a,AAAA ${right['webhook-signature']} ${wrong}`
    const headers = { ...right, 'webhook-signature': list }
    expect((await send(ingest, { id, headers })).body.duplicate).toBe(true)
  })
})

describe('a limit', () => {
  it('of an address is met before the signature, and says when to come back', async () => {
    const limited = await startIngest(
      { INGEST_RATE_LIMIT_ADDRESS_PER_SECOND: 2 },
      { database: ingest.database, broker: ingest.broker },
    )
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(limited, { secret: newSecret() })))
    expect(answers.map((answer) => String(answer.body.code)).toSorted()).toEqual([
      ...Array(3).fill('rate_limited'),
      ...Array(2).fill('signature_mismatch'),
    ])
    const { status, headers } = answers.find((answer) => answer.body.code === 'rate_limited')!
    expect(status).toBe(429)
    expect(headers.get('retry-after')).toBe('1')
    expect(headers.get('ratelimit-policy')).toBe('"address";q=2;w=1')
    expect(headers.get('ratelimit')).toBe('"address";r=0;t=1')
  })

  it('of all is not used up by those who cannot sign', async () => {
    const limited = await startIngest(
      { INGEST_RATE_LIMIT_PER_SECOND: 3, WEBHOOK_SECRET: ingest.secret },
      { database: ingest.database, broker: ingest.broker },
    )
    const wrong = await Promise.all(Array.from({ length: 20 }, () => send(limited, { secret: newSecret() })))
    expect(new Set(wrong.map((answer) => answer.body.code))).toEqual(new Set(['signature_mismatch']))
    const right = await Promise.all(Array.from({ length: 30 }, () => send(limited)))
    expect(right.filter((answer) => answer.status === 202).length).toBeGreaterThanOrEqual(1)
    const refused = right.find((answer) => answer.status === 429)!
    expect(refused.headers.get('ratelimit-policy')).toBe('"all";q=3;w=1')
  })
})
