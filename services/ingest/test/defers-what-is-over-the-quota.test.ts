import { paymentRefunded, subscriptionPaid } from '@tributary/contracts'
import { spy, testBroker, until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { get, newId, send, startIngest, webhook } from './sender.ts'
import { invoices, limit, pay, statusOf, usageOf } from './usage.ts'

const refund = { invoiceId: 'in_4', refundId: 're_1', amount: 100, currency: 'USD' }

it('what is over the quota is stored and waits, a refund is not; when the quota rises it goes out, the oldest first', async () => {
  const broker = await testBroker()
  const heard = await spy(broker)
  const ingest = await startIngest({}, { broker })
  await limit(ingest, 3)
  const eventIds = await pay(ingest, invoices(6))
  await send(ingest, { body: webhook(refund, 'payment.refunded') })
  await heard.heard(paymentRefunded)
  await heard.heard(subscriptionPaid, { invoiceId: 'in_2' })
  expect(heard.count(subscriptionPaid)).toBe(3)
  expect(await usageOf(ingest)).toMatchObject({ plan: 'enterprise', quota: 3, used: 6, deferred: 3 })
  const statuses = await Promise.all(eventIds.map((id) => statusOf(ingest, id)))
  expect(statuses).toEqual(['received', 'received', 'received', 'deferred', 'deferred', 'deferred'])
  const listed = await get<{ items: { eventId: string }[] }>(ingest, '/api/v1/webhooks/events?status=deferred')
  expect(listed.body.items.map(({ eventId }) => eventId).toSorted()).toEqual(eventIds.slice(3))

  const replay = async () =>
    (await get(ingest, `/api/v1/webhooks/events/${eventIds[3]}/replay`, { method: 'POST' })).status
  expect(await replay()).toBe(409)
  // Room for one more: the oldest of those that wait.
  await limit(ingest, 4)
  await heard.heard(subscriptionPaid, { invoiceId: 'in_3' })
  expect(await usageOf(ingest)).toMatchObject({ quota: 4, used: 6, deferred: 2 })
  await limit(ingest, null)
  await heard.heard(subscriptionPaid, { invoiceId: 'in_5' })
  const said = heard.all().filter(({ type }) => type === subscriptionPaid.type)
  expect(said.map(({ subject }) => subject)).toEqual(eventIds)
  // A message of its own, about the event of before, in its own time.
  const late = said.slice(3)
  for (const one of late) expect(one.messageId > one.subject).toBe(true)
  expect(late.map(({ correlationId, time }) => ({ correlationId, time }))).toEqual(
    eventIds.slice(3).map((correlationId) => ({ correlationId, time: '2026-03-01T12:00:00.000Z' })),
  )
  expect(await Promise.all(eventIds.map((id) => statusOf(ingest, id)))).toEqual(Array(6).fill('received'))
  expect(await usageOf(ingest)).toMatchObject({ quota: null, used: 6, deferred: 0 })
  expect(await replay()).toBe(202)
  await pay(ingest, ['after'])
  await heard.heard(subscriptionPaid, { invoiceId: 'after' })
})

it('counted is what is accepted: no duplicate, nothing refused, no money that goes back', async () => {
  const ingest = await startIngest({}, { amqpUrl: 'amqp://127.0.0.1:1' })
  await limit(ingest, 3)
  const id = newId()
  const body = webhook()
  for (let again = 0; again < 5; again++) await send(ingest, { id, body })
  await send(ingest, { id, body: webhook({ other: 1, externalUserId: 'u' }, 'any.thing') })
  await send(ingest, { body: '{}' })
  await send(ingest, { secret: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' })
  for (const status of ['opened', 'won']) {
    await send(ingest, { body: webhook({ invoiceId: 'in_1', disputeId: 'd', status }, 'payment.disputed') })
  }
  await send(ingest, { body: webhook(refund, 'payment.refunded') })
  const cancelled = { externalUserId: 'u', subscriptionId: 's' }
  await send(ingest, { body: webhook(cancelled, 'subscription.cancelled') })
  expect(await usageOf(ingest)).toMatchObject({ used: 1, deferred: 0 })
  // What a duplicate took of the lease was given back.
  await pay(ingest, invoices(2))
  expect(await usageOf(ingest)).toMatchObject({ used: 3, deferred: 0 })
  await pay(ingest, ['over'])
  expect(await usageOf(ingest)).toMatchObject({ used: 4, deferred: 1 })
})

it('the free plan has ten thousand a month, counted by when they were received', async () => {
  const ingest = await startIngest({ INITIAL_PLAN: 'free' }, { amqpUrl: 'amqp://127.0.0.1:1' })
  const at = ingest.clock.now()
  const month = `${at.toISOString().slice(0, 7)}-01`
  // Nearly all of it used, as far as anybody has added up, and as much last month.
  await ingest.database.db.raw(
    `insert into usage_months (month, used, deferred, released)
     values (?::date, 9998, 0, 0), (?::date - interval '1 month', 10000, 0, 0)`,
    [month, month],
  )
  const eventIds = await pay(ingest, invoices(4))
  const statuses = await Promise.all(eventIds.map((id) => statusOf(ingest, id)))
  expect(statuses).toEqual(['received', 'received', 'deferred', 'deferred'])
  const usage = await usageOf(ingest)
  expect(usage).toMatchObject({ plan: 'free', quota: 10_000, used: 10_002, deferred: 2, month: month.slice(0, 7) })
  expect(new Date(usage.resetsAt).getUTCDate()).toBe(1)
  expect(Date.parse(usage.resetsAt)).toBeGreaterThan(at.getTime())
})

it('the admin is told at 80 and at 100 percent, once by however many processes, and sees the share at all times', async () => {
  const ingest = await startIngest({}, { amqpUrl: 'amqp://127.0.0.1:1' })
  await startIngest({ WEBHOOK_SECRET: ingest.secret }, { amqpUrl: 'amqp://127.0.0.1:1', database: ingest.database })
  await limit(ingest, 10)
  const ratio = async () => {
    const text = await (await fetch(`${ingest.metricsUrl}`)).text()
    return /^tributary_quota_used_ratio (.*)$/m.exec(text)?.[1]
  }
  expect(await ratio()).toBe('0')
  await pay(ingest, invoices(12))
  expect(await ratio()).toBe('1.2')
  const notices = async () => {
    const { rows } = (await ingest.database.db.raw('select percent from quota_notices order by percent')) as {
      rows: { percent: number }[]
    }
    return rows.map(({ percent }) => percent)
  }
  await until('both notices', async () => (await notices()).length === 2, { timeoutMs: 30_000 })
  expect(await notices()).toEqual([80, 100])
}, 60_000)
