import { expect, test } from 'vitest'
import { signWebhook } from './webhook.ts'

test('a webhook is signed as Standard Webhooks has it', () => {
  // The content and the signature, worked out with: printf '%s' "$id.$ts.$body" | openssl dgst -sha256 -hmac tributary-test-key -binary | base64
  const secret = `whsec_${Buffer.from('tributary-test-key').toString('base64')}`
  const signed = signWebhook(
    secret,
    { id: 'msg_1', type: 'user.registered', data: { externalUserId: 'u1' }, timestamp: '2026-01-02T03:04:05Z' },
    new Date('2026-01-02T03:04:06.999Z'),
  )
  expect(signed.body).toBe(
    '{"type":"user.registered","timestamp":"2026-01-02T03:04:05Z","data":{"externalUserId":"u1"}}',
  )
  expect(signed.headers).toEqual({
    'content-type': 'application/json',
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1767323046',
    'webhook-signature': 'v1,i/gsboqEQLDNq14UZt1e7mXD5QlD7saKVHFG+5GKAAk=',
  })
})

test('a delivery without an id gets one of its own', () => {
  const secret = 'whsec_AAAA'
  const [one, other] = [signWebhook(secret, { type: 'a.b', data: {} }), signWebhook(secret, { type: 'a.b', data: {} })]
  expect(one.headers['webhook-id']).not.toBe(other.headers['webhook-id'])
})
