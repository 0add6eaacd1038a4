import { customEvent, subscriptionPaid } from '@tributary/contracts'
import { query } from '@tributary/database'
import { streamSql } from '@tributary/messaging'
import { spy, testBroker, until } from '@tributary/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isFaulty, knownEvents, readPayload } from '../src/http/webhook-payload.ts'
import { journalStream } from '../src/store/journal-stream.ts'
import { get, paid, send, startIngest, webhook } from './sender.ts'

const knownTypes = knownEvents.map((event) => event.type)

it('a webhook is published with the id of its event, as its own cause, with what was in its data', async () => {
  const broker = await testBroker()
  const heard = await spy(broker)
  const ingest = await startIngest({}, { broker })
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const { body } = await send(ingest, { body: webhook({ ...paid, note: 'Zo\u00eb' }), headers: { traceparent } })
  const event = await heard.heard(subscriptionPaid)
  expect(event).toMatchObject({
    messageId: body.eventId,
    subject: body.eventId,
    correlationId: body.eventId,
    causationId: body.eventId,
    source: 'ingest',
    type: 'subscription.paid',
    time: '2026-03-01T12:00:00.000Z',
    traceparent,
    data: { ...paid, amount: 4900n, note: 'Zo\u00eb' },
  })
})

it('a webhook that names an event of another service is published as one of the sender’s own making', async () => {
  const broker = await testBroker()
  const heard = await spy(broker)
  const ingest = await startIngest({}, { broker })
  for (const type of ['reward.earned', 'screening.passed', 'transfer.posted.earn', 'custom.thing']) {
    await send(ingest, { body: webhook({ externalUserId: type }, type) })
    const event = await heard.heard(customEvent, { externalUserId: type })
    expect(event.type).toBe(`custom.${type}`)
  }
  expect(
    heard
      .all()
      .map((event) => event.type)
      .filter((type) => !type.startsWith('custom.') && type !== 'config.changed'),
  ).toEqual([])
})

it('a duplicate and a conflict publish nothing', async () => {
  const broker = await testBroker()
  const heard = await spy(broker)
  const ingest = await startIngest({}, { broker })
  await send(ingest, { id: 'msg_1' })
  await send(ingest, { id: 'msg_1' })
  await send(ingest, { id: 'msg_1', body: webhook({ ...paid, amount: 1 }) })
  await send(ingest, { body: webhook({ ...paid, invoiceId: 'last' }) })
  await heard.heard(subscriptionPaid, { invoiceId: 'last' })
  expect(heard.count(subscriptionPaid)).toBe(2)
})

it('a replay publishes the same event in a new message', async () => {
  const broker = await testBroker()
  const heard = await spy(broker)
  const ingest = await startIngest({}, { broker })
  for (const type of ['subscription.paid', 'course.completed']) {
    const { eventId } = (await send(ingest, { body: webhook({ ...paid, invoiceId: type }, type) })).body
    const replay = await get(ingest, `/api/v1/webhooks/events/${eventId}/replay`, { method: 'POST' })
    expect([replay.status, replay.body.eventId]).toEqual([202, eventId])
    await expect
      .poll(() => heard.all().filter((event) => event.subject === eventId).length, { timeout: 10_000 })
      .toBe(2)
    const [first, second] = heard.all().filter((event) => event.subject === eventId)
    expect(second!.messageId).not.toBe(first!.messageId)
    expect({ ...second, messageId: '' }).toEqual({ ...first, messageId: '' })
  }
})

it('whatever the intake accepts, the relay can read, and it reads the same', async () => {
  const ingest = await startIngest({}, { amqpUrl: 'amqp://127.0.0.1:1' })
  const stream = streamSql(journalStream(knownTypes)).batch.replaceAll(/\$\d/g, '?')
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('\u0000', '\ud800', '\ufeff', '__proto__'),
  )
  const json = fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' })
  const data = fc.dictionary(text, json, { maxKeys: 8 }).map((more) => ({ ...more, externalUserId: 'u1' }))
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(data, fc.constantFrom(0, 2), async (more, indent) => {
      const body = JSON.stringify({ type: 'any.thing', data: more }, null, indent)
      const isRight = !isFaulty(readPayload(Buffer.from(body)))
      const answer = await send(ingest, { body })
      expect(answer.status).toBe(isRight ? 202 : 422)
      if (!isRight) return
      accepted++
      // Not at once where a transaction of anybody on the same server is still open: that is the stream's guard.
      const row = await until('the row to be readable', async () => {
        const rows = await query<{ payload: string; type: string }>(
          ingest.database.db,
          `select * from (${stream}) all_rows where message_id = ?`,
          ['0', '0', 100_000, answer.body.eventId],
        )
        return rows[0]
      })
      expect(row.type).toBe('custom.any.thing')
      expect(JSON.parse(row.payload)).toEqual(JSON.parse(body).data)
    }),
    { numRuns: 150 },
  )
  // A check that accepted nothing would have checked nothing.
  expect(accepted).toBeGreaterThan(30)
})
