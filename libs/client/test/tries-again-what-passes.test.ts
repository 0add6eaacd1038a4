import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { breakOff, clientOf, json, quick, refuse, scripted, scriptedAt, type Turn } from './server.ts'

const reversal = { reason: 'A mistake' }
const busy = refuse(503, 'temporarily_unavailable', { 'retry-after': '0' })
const limited = refuse(429, 'rate_limited')

test.each<[string, Turn]>([
  ['503', busy],
  ['502 of a proxy', refuse(502, 'x')],
  ['429', limited],
  ['a line that broke', breakOff],
])('a command that moves money is repeated after %s, under the one key made for it', async (_name, turn) => {
  const { url, received } = await scripted(turn, turn, json(200, { id: 'r' }))
  expect(await clientOf(url).reverseReward('r', reversal)).toEqual({ id: 'r' })
  expect(received).toHaveLength(3)
  const keys = new Set(received.map(({ headers }) => headers['idempotency-key']))
  expect([...keys]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)])
  expect(new Set(received.map(({ body }) => body))).toEqual(new Set([JSON.stringify(reversal)]))
})

test('two calls are two commands, and the key that a caller gives is taken', async () => {
  const { url, received } = await scripted(json(200, {}))
  const client = clientOf(url)
  await client.reverseReward('r', reversal)
  await client.reverseReward('r', reversal)
  await client.reverseReward('r', reversal, { idempotencyKey: 'mine' })
  const keys = received.map(({ headers }) => headers['idempotency-key'])
  expect(new Set(keys).size).toBe(3)
  expect(keys[2]).toBe('mine')
})

test.each<[string, Turn]>([
  ['503', busy],
  ['a line that broke', breakOff],
])('what has no key and could be done twice is not repeated after %s', async (_name, turn) => {
  const { url, received } = await scripted(turn, json(200, {}))
  await expect(clientOf(url).rotateWebhookSecret({ overlapSeconds: 60 })).rejects.toThrow()
  expect(received).toHaveLength(1)
})

test('it is repeated where it was surely not taken: 429', async () => {
  const { url, received } = await scripted(limited, json(200, {}))
  await clientOf(url).rotateWebhookSecret({ overlapSeconds: 60 })
  expect(received).toHaveLength(2)
})

test('a service that is not there yet is waited for, also with a command without a key', async () => {
  const place = createServer()
  await new Promise<void>((done) => place.listen(0, '127.0.0.1', done))
  const { port } = place.address() as AddressInfo
  await new Promise((done) => place.close(done))
  const began = clientOf(`http://127.0.0.1:${port}`, {
    retries: { attempts: 1_000, waitMs: 20, waitMsMax: 20 },
  }).rotateWebhookSecret({})
  const { received } = await scriptedAt(port, json(200, { rotated: true }))
  expect(await began).toEqual({ rotated: true })
  expect(received).toHaveLength(1)
})

test.each([
  [400, 'request_malformed'],
  [403, 'scope_required'],
  [409, 'idempotency_conflict'],
  [422, 'payload_invalid'],
  [500, 'internal_error'],
])('%s is final', async (status, code) => {
  const { url, received } = await scripted(refuse(status, code))
  await expect(clientOf(url).reverseReward('r', reversal)).rejects.toMatchObject({ name: 'ApiError', status, code })
  expect(received).toHaveLength(1)
})

test('it ends after its attempts, with the last refusal', async () => {
  const { url, received } = await scripted(busy)
  await expect(clientOf(url).getReward('r')).rejects.toMatchObject({ code: 'temporarily_unavailable' })
  expect(received).toHaveLength(quick.attempts!)
})

test('who asks for more patience than there is gets the caller told at once', async () => {
  const { url, received } = await scripted(refuse(429, 'rate_limited', { 'retry-after': '120' }))
  await expect(clientOf(url).getReward('r')).rejects.toMatchObject({ retryAfterSeconds: 120 })
  expect(received).toHaveLength(1)
})

test('a wait that was asked for is kept', async () => {
  const { url } = await scripted(refuse(429, 'rate_limited', { 'retry-after': '1' }), json(200, {}))
  const began = performance.now()
  await clientOf(url, { retries: { waitMs: 1, waitMsMax: 2_000 } }).getReward('r')
  expect(performance.now() - began).toBeGreaterThan(990)
})

test('a signal ends a wait, and a call on its way, with its own reason', async () => {
  const limitedForLong = refuse(429, 'rate_limited', { 'retry-after': '60' })
  for (const turn of [limitedForLong, () => {}]) {
    const stop = new AbortController()
    const { url } = await scripted((response, request) => {
      turn(response, request)
      // By then the answer has been read, and the wait has begun.
      setTimeout(() => stop.abort(new Error('the shop closes')), 100)
    })
    const client = clientOf(url, { retries: { waitMsMax: 100_000 } })
    await expect(client.getReward('r', { signal: stop.signal })).rejects.toThrow('the shop closes')
  }
})

test('an answer that does not come is given up, and asked for again where that does no harm', async () => {
  const { url } = await scripted(() => {}, json(200, { id: 'r' }))
  expect(await clientOf(url, { timeoutMs: 200 }).getReward('r')).toEqual({ id: 'r' })
  const silent = await scripted(() => {})
  const call = clientOf(silent.url, { timeoutMs: 50 }).rotateWebhookSecret({})
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('a webhook is repeated as the one it is: same id, same body', async () => {
  const accepted = { eventId: 'e', status: 'received', duplicate: false, receivedAt: '2026-01-01T00:00:00Z' }
  const { url, received } = await scripted(busy, breakOff, limited, json(202, accepted))
  expect(await clientOf(url).sendWebhook({ type: 'user.registered', data: { externalUserId: 'ann' } })).toEqual(
    accepted,
  )
  expect(received).toHaveLength(4)
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(new Set(received.map(({ body }) => body)).size).toBe(1)
  expect(received[0]!.headers).not.toHaveProperty('authorization')
})
