import {
  customEvent,
  type Envelope,
  type EventDefinition,
  subscriptionPaid,
  userRegistered,
} from '@tributary/contracts'
import { openDatabase, query } from '@tributary/database'
import { startMessaging } from '@tributary/messaging'
import { newLogger, newMetrics } from '@tributary/observability'
import { defer, testBroker, testDatabase, until } from '@tributary/testing'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { rewards } from '../src/app.ts'
import { onScreeningPassed } from '../src/messages/screening.passed.ts'
import { lockAnchors } from '../src/steps/lock-anchors.ts'
import {
  cancelled,
  disputed,
  openDesk,
  paid,
  refunded,
  refusedByLedger,
  registered,
  screened,
  seedReferrer,
  seedRule,
} from './desk.ts'

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

/** A customer with two rewarded invoices, `i-1` and `i-2`, in a shop of their own. */
async function openShop(rule: Record<string, unknown> = { recurring: { periods: 12 } }) {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk, rule)
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  await desk.handle(paid('bob', 'i-1', 1000), paid('bob', 'i-2', 1000))
  const rewards = await desk.rows<{ id: string; transaction: string }>(
    'select reward_id as id, id as transaction from reward_transactions order by reward_id',
  )
  return { desk, rewards }
}

it.each<[string, (shop: Awaited<ReturnType<typeof openShop>>) => Envelope[]]>([
  ['a refund and a screening', ({ rewards }) => [refunded('i-2', 'r', 1), screened(rewards[0]!.id, 'passed')]],
  ['a refund and a dispute', () => [refunded('i-2', 'r', 1), disputed('i-1', 'd', 'opened')]],
  [
    'a payment and a screening of two',
    ({ rewards }) => [paid('bob', 'i-2', 1), paid('bob', 'i-1', 1), ...rewards.map(({ id }) => screened(id, 'passed'))],
  ],
  [
    'a dispute and a refusal',
    ({ rewards }) => [disputed('i-2', 'd', 'lost'), refusedByLedger(rewards[0]!.transaction, 'conflict')],
  ],
  ['a cancellation and a refund', () => [cancelled('bob', 'sub'), refunded('i-1', 'r', 1), refunded('i-2', 'r', 1)]],
])('%s lock all invoices and rewards before the first of them is decided', async (_, eventsOf) => {
  const shop = await openShop()
  const { desk } = shop
  const all = eventsOf(shop)
  const invoices = all.filter(({ data }) => (data as { invoiceId?: string }).invoiceId !== undefined).length
  await desk.db.transaction(async (tx) => {
    await lockAnchors(tx, { all, now: desk.now(), newId: v7 })
    expect(await desk.rows('select from rewards for update skip locked')).toEqual([])
    expect(await desk.rows('select from invoices for update skip locked')).toHaveLength(2 - Math.min(invoices, 2))
  })
})

it.each([
  ['take turns', { recurring: { periods: 12 } }],
  ['take no turns, since no rule counts anything', {}],
])('replicas that handle mixed batches about the same few things never end each other: they %s', async (_, rule) => {
  const { desk, rewards } = await openShop(rule)
  const ids = rewards.map(({ id }) => id)
  let number = 0
  const kinds = [
    () => refunded(`i-${(number % 4) + 1}`, `r-${number}`, 1),
    () => disputed(`i-${((number * 3) % 4) + 1}`, `d-${number % 50}`, 'opened'),
    () => screened(ids[number % 2]!, number % 3 === 0 ? 'held' : 'passed', number),
    () => paid('bob', `i-${((number * 7) % 6) + 1}`, 1000),
    () => cancelled('bob', `sub-${number}`),
    () => refusedByLedger(number % 5 === 0 ? rewards[number % 2]!.transaction : v7(), 'conflict'),
  ]
  const replica = async (step: number) => {
    for (let round = 0; round < 12; round++) {
      const batch = kinds.flatMap((make, index) => {
        number += step
        return (round * step + index) % 3 === 0 ? [] : [make(), make()]
      })
      await desk.handle(...batch)
    }
  }
  await Promise.all([replica(1), replica(5), replica(11)])
  const [stats] = await desk.rows('select deadlocks::int from pg_stat_database where datname = current_database()')
  expect(stats).toEqual({ deadlocks: 0 })
})
