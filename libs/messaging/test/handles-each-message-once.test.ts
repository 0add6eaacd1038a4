import { cutLine, settled, testBroker, until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { handled, message, payload, recording, recordingDatabase, startRig } from './rig.ts'

const causes = (count: number) => Array.from({ length: count }, (_, index) => `cause-${index}`)

it('whatever is delivered twice, also within one batch', async () => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  const channel = await broker.channel()
  const twice = message()
  const last = message()
  for (const one of [twice, twice, message(), twice, last]) {
    channel.publish('', 'tributary.fraud', payload('any'), one)
  }
  const { messaging } = await startRig('fraud', broker, [recording()], { database })
  await until('the last one', async () => (await handled(database)).subjects.has(last.headers.cloudEvents_subject))
  await until('it to be idle', () => messaging.isIdle())
  expect((await handled(database)).times).toBe(3)
})

it('whatever was handled before and comes again among new ones', async () => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  const channel = await broker.channel()
  await startRig('fraud', broker, [recording()], { database })
  const [first, second, third, last] = [message(), message(), message(), message()]
  const send = async (...messages: readonly (typeof first)[]) => {
    for (const one of messages) channel.publish('', 'tributary.fraud', payload('any'), one)
    const subject = messages.at(-1)!.headers.cloudEvents_subject
    await until('the last one', async () => (await handled(database)).subjects.has(subject))
    // Nothing waits for another attempt either.
    await settled({ broker, databases: { fraud: database } })
  }
  await send(first, second)
  await send(second, third, first, last)
  expect((await handled(database)).times).toBe(4)
})

it('with two processes on one queue', async () => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  const rewards = await startRig('rewards', broker)
  const options = { database, batchMax: 20, prefetch: 40 }
  await startRig('fraud', broker, [recording()], options)
  await startRig('fraud', broker, [recording()], options)
  const said: string[] = []
  for (let i = 0; i < 10; i++) said.push(...(await rewards.say(causes(100))))
  await settled({ broker, databases: { rewards: rewards.database, fraud: database } })
  const { times, subjects } = await handled(database)
  expect(times).toBe(1000)
  expect(subjects).toEqual(new Set(said))
})

it('when the line to the broker breaks after the commit and before the ack', async () => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  const rewards = await startRig('rewards', broker)
  const line = await cutLine(broker.urls.fraud)
  let saves = 0
  // Cut while the first batch is being saved: its transaction commits, its ack has nowhere to go.
  const consumer = recording(undefined, () => {
    if (++saves === 1) line.cut()
  })
  await startRig('fraud', broker, [consumer], { database, amqpUrl: line.url })
  const said = await rewards.say(causes(50))
  await until('the first batch', async () => (await handled(database)).times > 0)
  line.mend()
  await settled({ broker, databases: { rewards: rewards.database, fraud: database } })
  const { times, subjects } = await handled(database)
  expect(times).toBe(50)
  expect(subjects).toEqual(new Set(said))
})
