import { randomUUID } from 'node:crypto'
import { subscriptionPaid } from '@tributary/contracts'
import { query } from '@tributary/database'
import {
  serviceProcess,
  spy,
  type TestClock,
  testBroker,
  testDatabase,
  testEnvironment,
  until,
} from '@tributary/testing'
import { expect, it } from 'vitest'
import { lowestIdAt, timeOfId } from '../src/domain/event-time.ts'
import { type Ingest, sealingKey, signingKey, startIngest } from './sender.ts'
import { invoices, limit, pay, statusOf, usageOf } from './usage.ts'

const DAY_MS = 86_400_000

/** A clock that begins days ago and is put forward to any time. */
function clockFrom(daysAgo: number): TestClock & { catchUp(): void } {
  let behindMs = daysAgo * DAY_MS
  return {
    now: () => new Date(Date.now() - behindMs),
    forward: () => {},
    catchUp: () => {
      behindMs = 0
    },
  }
}

it('when the month turns all that waited goes out, also what is older than an inbox remembers, and no month counts it again', async () => {
  const [broker, database] = await Promise.all([testBroker(), testDatabase('ingest')])
  for (const table of ['webhook_events', 'effects', 'event_statuses']) {
    await query(database.db, `select ensure_partitions(?, 'uuid-day', 3, 41)`, [table])
  }
  const clock = clockFrom(40)
  const heard = await spy(broker)
  // Their months are told by their ids.
  const newId = () => `${lowestIdAt(clock.now()).slice(0, 14)}7${randomUUID().slice(15)}`
  const ingest = await startIngest({}, { broker, database, clock, newId })
  await limit(ingest, 2)
  const eventIds = await pay(ingest, invoices(5))
  await heard.heard(subscriptionPaid, { invoiceId: 'in_1' })
  expect((await usageOf(ingest)).deferred).toBe(3)
  expect(heard.count(subscriptionPaid)).toBe(2)

  clock.catchUp()
  await heard.heard(subscriptionPaid, { invoiceId: 'in_4' })
  const late = heard.all().filter(({ subject }) => eventIds.slice(2).includes(subject))
  expect(late.map(({ subject }) => subject)).toEqual(eventIds.slice(2))
  for (const { messageId, subject } of late) {
    expect(Date.now() - timeOfId(subject).getTime()).toBeGreaterThan(39 * DAY_MS)
    expect(Date.now() - timeOfId(messageId).getTime()).toBeLessThan(DAY_MS)
  }
  expect(await usageOf(ingest)).toMatchObject({ used: 0, deferred: 0 })
  expect(await statusOf(ingest, eventIds[4]!)).toBe('received')
}, 60_000)

it('killed in the middle of it and started again, each goes out once', async () => {
  const broker = await testBroker()
  const heard = await spy(broker)
  const ingest: Ingest = await startIngest({ INGEST_RELEASES_PER_SECOND: 1 }, { broker })
  const { database, secret } = ingest
  await limit(ingest, 0)
  const eventIds = await pay(ingest, invoices(120))
  await ingest.stop()
  const environment = await testEnvironment(database.url, broker.urls.ingest)
  const process = await serviceProcess('ingest', {
    ...environment,
    WEBHOOK_SECRET: secret,
    SECRETS_KEY: sealingKey,
    INGEST_SIGNING_KEY: signingKey,
    INGEST_RELEASES_PER_SECOND: '20',
  })
  await query(database.db, 'update system_configs set enterprise_events_per_month = null, version = version + 1')
  const waiting = async () => {
    const [row] = await query<{ count: number }>(
      database.db,
      `select count(*)::int as count from event_statuses where status = 'deferred'`,
    )
    return row!.count
  }
  for (const left of [100, 60, 20]) {
    await process.start()
    await until('some to be released', async () => (await waiting()) <= left)
    await process.kill()
  }
  await process.start()
  await until('all to be released', async () => (await waiting()) === 0)
  await until('all to be heard', () => {
    const subjects = new Set(heard.all().map(({ subject }) => subject))
    return eventIds.every((id) => subjects.has(id))
  })
  const written = await query<{ subject: string }>(
    database.db,
    `select subject from outbox where type = 'subscription.paid' order by seq`,
  )
  expect(written.map(({ subject }) => subject)).toEqual(eventIds)
  // The relay may say a message again after a crash; it has one id then, which inboxes know.
  const said = heard.all().filter(({ type }) => type === 'subscription.paid')
  expect(new Set(said.map(({ messageId }) => messageId)).size).toBe(eventIds.length)
}, 90_000)
