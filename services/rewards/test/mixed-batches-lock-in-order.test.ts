import { customEvent, type EventDefinition, subscriptionPaid, userRegistered } from '@tributary/contracts'
import { openDatabase, query } from '@tributary/database'
import { startMessaging } from '@tributary/messaging'
import { newLogger, newMetrics } from '@tributary/observability'
import { defer, testBroker, testDatabase, until } from '@tributary/testing'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { rewards } from '../src/app.ts'
import { onScreeningPassed } from '../src/messages/screening.passed.ts'
import { openDesk, paid, registered, screened, seedReferrer, seedRule } from './desk.ts'

/** A webhook as ingest publishes it. */
function webhook(definition: EventDefinition, type: string, data: unknown) {
  const id = v7()
  const headers = {
    cloudEvents_subject: id,
    cloudEvents_type: type,
    cloudEvents_time: new Date().toISOString(),
    correlationid: id,
    causationid: id,
  }
  definition.data.parse(data)
  return { content: Buffer.from(JSON.stringify(data)), properties: { messageId: id, type, headers } }
}

const payment = { invoiceId: 'i', subscriptionId: 's', amount: 100, currency: 'USD' }

it('a batch waits for the first of its customers before it locks another, whatever their events are', async () => {
  const broker = await testBroker()
  const database = await testDatabase('rewards')
  const db = openDatabase({ url: database.url, applicationName: 'tests', poolMax: 4 })
  const channel = await broker.channel()
  for (const { content, properties } of [
    webhook(userRegistered, userRegistered.type, { externalUserId: 'c' }),
    webhook(subscriptionPaid, subscriptionPaid.type, { externalUserId: 'b', ...payment }),
    webhook(customEvent, 'custom.course.completed', { externalUserId: 'a' }),
  ]) {
    channel.publish('', 'tributary.rewards', content, properties)
  }
  for (const id of ['a', 'b', 'c']) {
    await query(database.db, 'insert into referees (external_user_id, seen_at) values (?, now())', [id])
  }
  const rival = await db.transaction()
  await query(rival, `select from referees where external_user_id = 'a' for update`)
  const { stop } = startMessaging({
    service: 'rewards',
    amqpUrl: broker.urls.rewards,
    db,
    directUrl: database.url,
    consumes: rewards({ REWARDS_RELEASE_EVERY_MS: 1_000 }).consumes,
    streams: [],
    batchMax: 200,
    prefetch: 400,
    relayBatchMax: 500,
    metrics: newMetrics('rewards'),
    log: newLogger('rewards', 'silent'),
    now: () => new Date(),
    newId: () => v7(),
  })
  defer(async () => {
    if (!rival.isCompleted()) await rival.rollback()
    await stop()
    await db.destroy()
  })
  await until('the batch to wait for a', async () => {
    const waiting = await query(
      database.db,
      'select from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()',
    )
    return waiting.length > 0
  })
  // Were b or c locked already, a batch that has them before a would wait for us, and we for it.
  await query(rival, `select from referees where external_user_id in ('b', 'c') for update nowait`)
  await rival.commit()
  await until('it to be decided', async () => (await query(database.db, 'select from decisions')).length === 3)
  expect(await query(database.db, 'select * from parked_messages')).toEqual([])
})

it('the first answer of a screening locks every reward that its batch screens', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  await desk.handle(paid('bob', 'i-1', 1000), paid('bob', 'i-2', 1000))
  const [first, second] = await desk.rows<{ id: string }>('select id from rewards order by id')
  const passed = screened(second!.id, 'passed')
  const failed = screened(first!.id, 'failed')
  await desk.db.transaction(async (tx) => {
    await onScreeningPassed.handle(tx, [passed], () => {}, { now: desk.now(), newId: v7 }, [passed, failed])
    const free = await desk.rows<{ id: string }>('select id from rewards for update skip locked')
    expect(free).toEqual([])
  })
})
