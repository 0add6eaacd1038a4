import { inTransaction, openDatabase, query } from '@tributary/database'
import { newLogger } from '@tributary/observability'
import { cutLine, settled, spy, testBroker, until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { startRig } from './rig.ts'

it('and nothing that was rolled back', async () => {
  const broker = await testBroker()
  const ears = await spy(broker)
  const rewards = await startRig('rewards', broker)
  const failing = rewards.say(['lost'], () => Promise.reject(new Error('changed my mind')))
  await expect(failing).rejects.toThrow('changed my mind')
  const [kept] = await rewards.say(['kept'])
  await settled({ broker, databases: { rewards: rewards.database } })
  expect(ears.all().map((event) => event.subject)).toEqual([kept])
})

it('also when a transaction that began earlier commits later', async () => {
  const broker = await testBroker()
  const ears = await spy(broker)
  const rewards = await startRig('rewards', broker)
  const [slowHasWritten, finishSlow] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const slow = rewards.say(['slow'], async () => {
    slowHasWritten.resolve()
    await finishSlow.promise
  })
  await slowHasWritten.promise
  const fast = await rewards.say(['fast'])
  // Its row is committed, and has the higher number; a cursor over numbers would pass the slow one by for ever.
  await until('the fast one to be visible', () =>
    query(rewards.database.db, 'select from outbox where subject = ?', [fast[0]]).then((rows) => rows.length === 1),
  )
  finishSlow.resolve()
  const said = [...(await slow), ...fast]
  await settled({ broker, databases: { rewards: rewards.database } })
  expect(new Set(ears.all().map((event) => event.subject))).toEqual(new Set(said))
})

it('in order and once each, as long as nothing breaks', async () => {
  const broker = await testBroker()
  const ears = await spy(broker)
  const rewards = await startRig('rewards', broker, [], { relayBatchMax: 7 })
  await startRig('rewards', broker, [], { database: rewards.database, relayBatchMax: 7 })
  const said: string[] = []
  for (let i = 0; i < 20; i++) said.push(...(await rewards.say(['a', 'b', 'c', 'd', 'e'])))
  await settled({ broker, databases: { rewards: rewards.database } })
  expect(ears.all().map((event) => event.subject)).toEqual(said)
})

it('through a line that breaks again and again', async () => {
  const broker = await testBroker()
  const ears = await spy(broker)
  const line = await cutLine(broker.urls.rewards)
  const rewards = await startRig('rewards', broker, [], { amqpUrl: line.url, relayBatchMax: 10 })
  const said: string[] = []
  for (let i = 0; i < 6; i++) {
    said.push(...(await rewards.say(Array.from({ length: 50 }, (_, index) => `${i}-${index}`))))
    line.cut()
    line.mend()
  }
  await settled({ broker, databases: { rewards: rewards.database } })
  // At least once: what was on its way when the line broke is sent again, with the same message id.
  expect(new Set(ears.all().map((event) => event.subject))).toEqual(new Set(said))
  const ids = new Map(ears.all().map((event) => [event.subject, event.messageId]))
  for (const event of ears.all()) expect(event.messageId).toBe(ids.get(event.subject))
})

it('even though the broker was away at the start', async () => {
  const broker = await testBroker()
  const ears = await spy(broker)
  const line = await cutLine(broker.urls.rewards)
  line.cut()
  const rewards = await startRig('rewards', broker, [], { amqpUrl: line.url })
  expect(rewards.messaging.brokerState()).toBe('connecting')
  const said = await rewards.say(['early'])
  line.mend()
  await settled({ broker, databases: { rewards: rewards.database } })
  expect(ears.all().map((event) => event.subject)).toEqual(said)
})

it('refuses to go on from a checkpoint of another server', async () => {
  const broker = await testBroker()
  const ears = await spy(broker)
  const first = await startRig('rewards', broker)
  await first.say(['before'])
  await settled({ broker, databases: { rewards: first.database } })
  await first.messaging.stop()
  await query(first.database.db, 'update relay_checkpoints set system_identifier = 1')
  const second = await startRig('rewards', broker, [], { database: first.database })
  await second.say(['after'])
  await expect(settled({ broker, databases: { rewards: first.database } }, { timeoutMs: 1_500 })).rejects.toThrow()
  expect(ears.all()).toHaveLength(1)
  await inTransaction(first.database.db, (tx) =>
    query(tx, 'update relay_checkpoints set system_identifier = (select system_identifier from pg_control_system())'),
  )
  await settled({ broker, databases: { rewards: first.database } })
})

it('and names the transaction that holds it back for long', async () => {
  const broker = await testBroker()
  const lines: string[] = []
  const log = newLogger('rewards', 'warn', { write: (line) => void lines.push(line) })
  const rewards = await startRig('rewards', broker, [], { log })
  const culprit = openDatabase({ url: rewards.database.superuserUrl, applicationName: 'someone-slow' })
  const began = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const slow = inTransaction(culprit, async (tx) => {
    // The relay measures every few seconds; on a busy machine that can be longer than our own patience with idle transactions.
    await query(tx, 'set local idle_in_transaction_session_timeout = 0')
    await query(tx, 'select pg_current_xact_id()')
    began.resolve()
    await released.promise
  })
  await began.promise
  await rewards.say(['waits'])
  await until('the warning', () => lines.some((line) => line.includes('relay-held-back')))
  expect(JSON.parse(lines.find((line) => line.includes('relay-held-back'))!)).toMatchObject({
    stream: 'outbox',
    applicationName: 'someone-slow',
    databaseName: rewards.database.name,
  })
  released.resolve()
  await slow
  await culprit.destroy()
  await settled({ broker, databases: { rewards: rewards.database } })
})
