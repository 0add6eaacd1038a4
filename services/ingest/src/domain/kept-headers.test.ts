import { expect, it } from 'vitest'
import { keptHeaders } from './kept-headers.ts'

const kept = (headers: Parameters<typeof keptHeaders>[0]) => JSON.parse(keptHeaders(headers) ?? 'null')

it('what tells how a webhook came is kept, and of a secret only that it came', () => {
  const sent = {
    host: 'ingest',
    'content-type': 'application/json',
    'user-agent': 'shop/1',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,secret-one',
    'stripe-signature': 't=1,v1=secret-two',
    authorization: 'Bearer secret-three',
    cookie: 'session=secret-four',
    'x-api-key': 'secret-five',
    'x-request-id': ['a', 'b'],
  }
  expect(kept(sent)).toEqual({
    'content-type': 'application/json',
    'user-agent': 'shop/1',
    'webhook-timestamp': '1614265330',
    'x-request-id': 'a, b',
    'webhook-signature': '***',
    'stripe-signature': '***',
    authorization: '***',
    cookie: '***',
  })
  expect(keptHeaders(sent)).not.toContain('secret')
})

it('a long value is cut, and none at all are null', () => {
  expect(kept({ 'user-agent': 'x'.repeat(5_000) })['user-agent']).toHaveLength(200)
  expect(keptHeaders({ host: 'ingest' })).toBeNull()
})
