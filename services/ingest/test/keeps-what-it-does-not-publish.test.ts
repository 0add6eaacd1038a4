import { subscriptionPaid } from '@tributary/contracts'
import { query } from '@tributary/database'
import { spy, testBroker } from '@tributary/testing'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { appendBatch } from '../src/store/journal.ts'
import type { JournalEntry } from '../src/store/journal-rows.ts'
import { get, newId, paid, send, startIngest, webhook } from './sender.ts'

const entry = (more: Partial<JournalEntry>): JournalEntry => ({
  eventId: v7(),
  source: 'default',
  webhookId: newId(),
  type: 'subscription.paid',
  time: new Date('2026-03-01T12:00:00Z'),
  traceparent: null,
  body: Buffer.from(webhook()),
  headers: null,
  payload: null,
  disposition: 'publish',
  reason: null,
  ...more,
})

it('what is deferred or ignored is kept, with its status, and not published; a translation is published for a body', async () => {
  const broker = await testBroker()
  const heard = await spy(broker)
  const ingest = await startIngest({}, { broker })
  const deferred = entry({ disposition: 'defer', reason: 'over_quota' })
  const ignored = entry({
    source: 'other',
    type: 'thing.happened',
    disposition: 'ignore',
    reason: 'type_not_translated',
  })
  const translated = entry({
    source: 'other',
    body: Buffer.from('{"id": "evt_1", "anything": [1]}'),
    payload: JSON.stringify({ ...paid, invoiceId: 'translated' }),
  })
  const results = await appendBatch(ingest.database.db, [deferred, ignored, translated])
  expect(results.map(({ kind }) => kind)).toEqual(['new', 'new', 'new'])
  await send(ingest, { body: webhook({ ...paid, invoiceId: 'last' }) })
  await heard.heard(subscriptionPaid, { invoiceId: 'last' })
  expect(heard.all().map((event) => event.subject)).not.toContain(deferred.eventId)
  expect(heard.all().map((event) => event.subject)).not.toContain(ignored.eventId)
  expect(await heard.heard(subscriptionPaid, { invoiceId: 'translated' })).toMatchObject({
    subject: translated.eventId,
  })
  for (const [status, { eventId }] of [
    ['deferred', deferred],
    ['ignored', ignored],
    ['received', translated],
  ] as const) {
    const listed = await get<{ items: { eventId: string }[] }>(ingest, `/api/v1/webhooks/events?status=${status}`)
    expect(listed.body.items.map((item) => item.eventId)).toContain(eventId)
    expect((await get(ingest, `/api/v1/webhooks/events/${eventId}`)).body).toMatchObject({ eventId, status })
  }
})

it('the same webhook id of two sources names two webhooks, also in one commit', async () => {
  const ingest = await startIngest({}, { amqpUrl: 'amqp://127.0.0.1:1' })
  const webhookId = newId()
  const one = entry({ webhookId })
  const other = entry({ webhookId, source: 'other', body: Buffer.from('{}') })
  const again = entry({ webhookId, source: 'other', body: Buffer.from('{}') })
  const clash = entry({ webhookId, source: 'other', body: Buffer.from('[]') })
  expect(await appendBatch(ingest.database.db, [one, other, again, clash])).toEqual([
    { kind: 'new', eventId: one.eventId },
    { kind: 'new', eventId: other.eventId },
    { kind: 'duplicate', eventId: other.eventId },
    { kind: 'conflict', eventId: other.eventId },
  ])
})

it('what the relay may not publish is not in its index, so that no amount of it costs the relay anything', async () => {
  const ingest = await startIngest({}, { amqpUrl: 'amqp://127.0.0.1:1' })
  const [row] = await query<{ indexdef: string }>(
    ingest.database.db,
    "select indexdef from pg_indexes where indexname = 'webhook_events_in_relay_order'",
  )
  expect(row?.indexdef).toContain("WHERE (disposition = 'publish'::text)")
})
