import { rewardEarned } from '@tributary/contracts'
import { exchanges } from '@tributary/messaging'
import { beforeAll, expect, it } from 'vitest'
import { balanceOf } from './books.ts'
import { type Referrer, registered, setUpProgramme, tenForARegistration } from './programme.ts'
import { type Stack, startStack } from './stack.ts'

let stack: Stack
let bob: Referrer
beforeAll(async () => {
  stack = await startStack()
  bob = await setUpProgramme(stack, [{ ...tenForARegistration, holdingDays: 14 }])
})

async function registerMany(prefix: string): Promise<void> {
  const before = (await balanceOf(stack, bob.userId)).pending ?? 0
  await Promise.all(Array.from({ length: 40 }, (_, number) => stack.send(registered(`${prefix}-${number}`, bob.code))))
  await stack.settled()
  expect((await balanceOf(stack, bob.userId)).pending).toBe(before + 40_000)
}

it('an outsider who never reads loses its own oldest messages, and nobody waits', async () => {
  const channel = await stack.broker.channel()
  const { queue } = await channel.assertQueue('accounting', { arguments: { 'x-max-length': 5 } })
  await channel.bindQueue(queue, exchanges.public, 'reward.#')
  await registerMany('ann')
  expect(stack.ears.count(rewardEarned)).toBe(40)
  expect((await channel.checkQueue(queue)).messageCount).toBe(5)
  const last = await channel.get(queue, { noAck: true })
  expect(last === false ? '' : last.fields.routingKey).toBe('reward.earned')
})

it('an outsider that goes away leaves nothing that anybody waits for', async () => {
  const channel = await stack.broker.channel()
  await channel.deleteQueue('accounting')
  await registerMany('eve')
})
