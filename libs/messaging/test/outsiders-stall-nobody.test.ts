import { provisionBroker } from '@tributary/provision'
import { settled, testBroker } from '@tributary/testing'
import { expect, inject, it } from 'vitest'
import { startRig } from './rig.ts'

it("an outsider's queue that is full drops its oldest messages, and publishing goes on", async () => {
  const broker = await testBroker()
  const channel = await broker.channel()
  await channel.assertQueue('warehouse', { durable: true, arguments: { 'x-max-length': 3 } })
  await channel.bindQueue('warehouse', 'tributary.public', 'reward.#')
  const rewards = await startRig('rewards', broker)
  const said = await rewards.say(Array.from({ length: 10 }, (_, index) => `${index}`))
  await settled({ broker, databases: { rewards: rewards.database } })
  const left: string[] = []
  for (
    let message = await channel.get('warehouse', { noAck: true });
    message;
    message = await channel.get('warehouse', { noAck: true })
  ) {
    left.push(String(message.properties.headers?.cloudEvents_subject))
  }
  expect(left).toEqual(said.slice(-3))
})

it('a queue that an outsider left unbounded is bounded by policy, and ours are not', async () => {
  const broker = await testBroker()
  const { managementUrl, prefix } = inject('servers')
  const outsiderQueueMax = 3
  await provisionBroker({
    adminUrl: broker.adminUrl,
    managementUrl,
    prefix,
    secrets: () => '',
    skipUsers: true,
    outsiderQueueMax,
  })
  const channel = await broker.channel()
  await channel.assertQueue('forgetful', { durable: true })
  await channel.bindQueue('forgetful', 'tributary.public', 'reward.#')
  const rewards = await startRig('rewards', broker)
  await rewards.say(Array.from({ length: 10 }, (_, index) => `${index}`))
  await settled({ broker, databases: { rewards: rewards.database } })
  expect((await channel.checkQueue('forgetful')).messageCount).toBe(outsiderQueueMax)
  expect((await channel.checkQueue('tributary.ledger')).messageCount).toBe(10)
})
