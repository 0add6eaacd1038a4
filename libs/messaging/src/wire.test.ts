import { describe, expect, it } from 'vitest'
import type { Delivery } from './broker.ts'
import { fromDelivery, mintedAgeSeconds, type Received, toMessage, toRetry } from './wire.ts'

const row = {
  message_id: '01936b5e-0000-7000-8000-000000000001',
  subject: '01936b5e-0000-7000-8000-000000000002',
  type: 'reward.earned',
  time: new Date('2026-01-02T03:04:05.678Z'),
  correlation_id: '01936b5e-0000-7000-8000-000000000003',
  causation_id: '01936b5e-0000-7000-8000-000000000004',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  payload: '{"a":1}',
  destination: null,
}

const delivered = (change: { headers?: Record<string, unknown>; messageId?: string | undefined } = {}): Delivery => {
  const message = toMessage(row, 'rewards')
  return {
    content: message.content,
    type: message.type,
    messageId: 'messageId' in change ? change.messageId : message.messageId,
    headers: { ...message.headers, ...change.headers },
    generation: 1,
    message: {} as never,
  }
}

describe('an event on the wire', () => {
  it('carries its envelope there and back', () => {
    expect(fromDelivery(delivered())).toMatchObject({
      attempt: 1,
      envelope: {
        messageId: row.message_id,
        subject: row.subject,
        type: 'reward.earned',
        source: 'rewards',
        time: '2026-01-02T03:04:05.678Z',
        correlationId: row.correlation_id,
        causationId: row.causation_id,
        traceparent: row.traceparent,
      },
    })
  })

  it.each([
    ['no message id', { messageId: undefined }],
    ['a message id that is no UUID', { messageId: 'x' }],
    ['a message id without a time in it', { messageId: '7d444840-9dc0-41d1-b245-5ffdce74fad2' }],
    ['no subject', { headers: { cloudEvents_subject: undefined } }],
    ['a subject that is no UUID', { headers: { cloudEvents_subject: 'x' } }],
    ['no correlation id', { headers: { correlationid: 7 } }],
    ['no time', { headers: { cloudEvents_time: 'yesterday' } }],
    ['a time without its zone', { headers: { cloudEvents_time: '2026-01-02T03:04:05' } }],
    ['a time in other words', { headers: { cloudEvents_time: 'Fri Jan 02 2026 UTC' } }],
    ['a time before the year 1', { headers: { cloudEvents_time: '0001-01-01T00:00:00+01:00' } }],
    ['a time after the year 9999', { headers: { cloudEvents_time: '9999-12-31T23:59:59-01:00' } }],
    ['a time of six digits of years', { headers: { cloudEvents_time: '+020000-01-01T00:00:00Z' } }],
  ])('is unreadable with %s', (_, change) => expect(fromDelivery(delivered(change))).toHaveProperty('problem'))

  it('goes to its own queue when it is replayed', () => {
    const message = toMessage({ ...row, destination: 'tributary.ledger' }, 'ledger')
    expect(message).toMatchObject({ exchange: 'tributary.redeliver', routingKey: 'tributary.ledger', mandatory: true })
  })
})

describe('a message that is tried again', () => {
  const received = fromDelivery(
    delivered({ headers: { 'x-death': [{ count: 3 }], 'x-delivery-count': 2 } }),
  ) as Received
  const retry = toRetry(received, 'tributary.ledger', 'tributary.delay.5s')

  it('keeps its id, its subject and its bytes, and counts the attempt', () => {
    expect(retry).toMatchObject({
      messageId: row.message_id,
      exchange: 'tributary.delay.5s',
      routingKey: 'tributary.ledger',
    })
    expect(retry.headers).toMatchObject({ cloudEvents_subject: row.subject, 'tributary-attempt': 2 })
    expect(retry.content.toString()).toBe(row.payload)
  })

  it('leaves behind the headers that would make the broker drop it as a cycle', () => {
    expect(Object.keys(retry.headers).filter((name) => name.startsWith('x-'))).toEqual([])
  })
})

describe('the age of a message', () => {
  it('is read off its UUIDv7', () => {
    const mintedAt = 0x01936b5e0000
    expect(mintedAgeSeconds(delivered(), new Date(mintedAt + 2_500))).toBe(2.5)
  })
})
