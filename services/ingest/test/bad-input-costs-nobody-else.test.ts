import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { countRows, type Ingest, newId, paid, send, signWebhook, startIngest, talk, webhook } from './sender.ts'

let ingest: Ingest
beforeAll(async () => {
  ingest = await startIngest({}, { headersTimeoutMs: 1_000, requestTimeoutMs: 2_000 })
})

// Whatever was sent, the next one is served.
afterEach(async () => expect((await send(ingest)).status).toBe(202))
afterAll(async () => expect((await ingest.fetch('/livez')).status).toBe(200))

const path = 'POST /api/v1/webhooks/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'

/** A request as text, signed rightly, with headers as they are given. */
function request(body: string | Buffer, headers: readonly string[] = [], { id = newId(), length = true } = {}) {
  const signed = Object.entries(signWebhook(ingest.secret, id, ingest.clock.now(), body)).map(
    ([name, value]) => `${name}: ${value}`,
  )
  const lines = ['content-type: application/json', ...(length ? [`content-length: ${Buffer.byteLength(body)}`] : [])]
  return `${path}${[...lines, ...signed, ...headers].join('\r\n')}\r\n\r\n`
}

describe('a body', () => {
  it('in chunks is read as one', async () => {
    const body = webhook()
    const head = request(body, ['transfer-encoding: chunked'], { length: false })
    const chunks = [...body.matchAll(/.{1,7}/gs)].map(([part]) => `${part.length.toString(16)}\r\n${part}\r\n`)
    expect(await talk(ingest, [head, ...chunks, '0\r\n\r\n'])).toMatch(/^HTTP\/1.1 202/)
  })

  it('in chunks without an end is cut off at the limit', async () => {
    const head = request('', ['transfer-encoding: chunked'], { length: false })
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    const answer = await talk(ingest, [head, ...Array(64).fill(chunk)])
    expect(answer).toMatch(/^HTTP\/1.1 413/)
    expect(answer).toContain('payload_too_large')
  })

  it('that says it is large is refused before it is sent', async () => {
    const answer = await talk(ingest, [`${path}content-type: application/json\r\ncontent-length: 1000000000\r\n\r\n`])
    expect(answer).toMatch(/^HTTP\/1.1 413/)
  })

  it('that stops in the middle is given up, and stores nothing', async () => {
    const before = await countRows(ingest, 'webhook_events')
    const body = webhook()
    const answer = await talk(ingest, [request(body), body.slice(0, 20)])
    expect(answer).toMatch(/^(HTTP\/1.1 408|$)/)
    expect(await countRows(ingest, 'webhook_events')).toBe(before)
  })

  it('whose sender hangs up is dropped, whether it was sent in part or whole', async () => {
    const body = webhook()
    await talk(ingest, [request(body), body.slice(0, 20)], { hangUp: true })
    await talk(ingest, [request(body), body], { hangUp: true })
    await talk(ingest, [request(body)], { hangUp: true })
  })

  it('that is compressed is refused, with either signature', async () => {
    const body = webhook()
    const headers = { 'content-encoding': 'gzip' }
    const asSent = await send(ingest, { body: gzipSync(body), headers })
    expect([asSent.status, asSent.body.code]).toEqual([415, 'content_type_unsupported'])
    const asMeant = await send(ingest, { body: gzipSync(body), signedBody: body, headers })
    expect(asMeant.body.code).toBe('signature_mismatch')
  })

  it.each([
    ['nothing', ''],
    ['no UTF-8, rightly signed', Buffer.from(webhook({ ...paid, note: '\xff' }), 'latin1')],
    ['a byte order mark', `\ufeff${webhook()}`],
    ['a cut text', webhook().slice(0, -1)],
    ['30,000 levels', `{"type":"a.b","data":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
    [
      '10,000 levels of objects',
      `{"type":"a.b","data":{"externalUserId":"u","x":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}}`,
    ],
    ['30,000 openings', '['.repeat(30_000)],
    ['a huge amount', webhook().replace('4900', '1e999')],
    ['an amount with 10,000 digits', webhook().replace('4900', '9'.repeat(10_000))],
    ['a negative amount', webhook({ ...paid, amount: -4900 })],
    ['a fraction of a cent', webhook({ ...paid, amount: 49.5 })],
    ['an unknown currency', webhook({ ...paid, currency: 'ZZZ' })],
    ['NUL', webhook({ ...paid, note: 'a\u0000b' })],
    ['NUL in a key', webhook({ ...paid, 'a\u0000b': 1 })],
    ['half of a surrogate pair', webhook({ ...paid, note: '\ud83c' })],
    ['__proto__', webhook().replace('{"externalUserId"', '{"__proto__":{"admin":true},"externalUserId"')],
    ['a field beside data', `${webhook().slice(0, -1)},"admin":true}`],
    // JSON.parse shows the last of them only; PostgreSQL, which publishes the journal, reads them all.
    ['NUL in the first of two timestamps', webhook().replace('{', '{"timestamp":"\\u0000",')],
    [
      '30,000 levels in the first of two data',
      webhook().replace('{', `{"data":${'['.repeat(30_000)}${']'.repeat(30_000)},`),
    ],
  ])('of %s is invalid', async (_, body) => {
    const answer = await send(ingest, { body })
    expect([answer.status, answer.body.code]).toEqual([422, 'payload_invalid'])
  })

  it('with fields in its data that we do not know is kept whole', async () => {
    const body = webhook({ ...paid, constructor: { prototype: 1 }, toString: 'x', list: [1, [2, [3]]] })
    expect((await send(ingest, { body })).status).toBe(202)
  })
})

describe('headers', () => {
  it('of a megabyte are refused', async () => {
    const answer = await talk(ingest, [`${path}x-large: ${'x'.repeat(1_000_000)}\r\n\r\n`])
    expect(answer).toMatch(/^HTTP\/1.1 431/)
    expect(answer).toContain('headers_too_large')
  })

  it.each(['webhook-id: x', 'webhook-timestamp: 1', `webhook-signature: v1,${'A'.repeat(43)}=`])(
    'that come twice are malformed: %s',
    async (line) => {
      const body = webhook()
      const answer = await talk(ingest, [request(body, [line]), body])
      expect(answer).toMatch(/^HTTP\/1.1 401/)
      expect(answer).toContain('signature_malformed')
    },
  )

  it.each(['msg.1', 'msg 1', 'm'.repeat(129)])('with the id %s are malformed', async (id) => {
    expect((await send(ingest, { headers: { 'webhook-id': id } })).body.code).toBe('signature_malformed')
  })

  it.each(['1614265330abc', '1.6e9', '-1', '0x5f', 'Infinity', '٣'.repeat(10)])(
    'with the timestamp %s are malformed',
    async (timestamp) => {
      const body = webhook()
      const signed = {
        ...signWebhook(ingest.secret, 'msg_1', ingest.clock.now(), body),
        'webhook-timestamp': timestamp,
      }
      const lines = Object.entries(signed).map(([name, value]) => `${name}: ${value}`)
      const head = `${path}content-type: application/json\r\ncontent-length: ${body.length}\r\n${lines.join('\r\n')}\r\n\r\n`
      const answer = await talk(ingest, [Buffer.from(head), body])
      expect(answer).toMatch(/^HTTP\/1.1 401/)
      expect(answer).toContain('signature_malformed')
    },
  )

  it('that never end are given up', async () => {
    expect(await talk(ingest, ['POST /api/v1/webhooks/events HTTP/1.1\r\nHost: x\r\nx-slow: '])).toMatch(
      /^HTTP\/1.1 408/,
    )
  })

  it('of another protocol are malformed', async () => {
    expect(await talk(ingest, ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n'])).toMatch(/^HTTP\/1.1 400/)
  })
})
