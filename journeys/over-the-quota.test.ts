import { query } from '@tributary/database'
import { until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { aFifthOfEachPayment, paid, refunded, registered, setUpProgramme } from './programme.ts'
import { startStack } from './stack.ts'

it('a payment over the quota waits, its refund does not; once the quota rises both count, once', async () => {
  const stack = await startStack()
  const { client } = stack
  const referrer = await setUpProgramme(stack, [aFifthOfEachPayment])
  // Before the first event: without a limit a process asks again only every few seconds.
  await client.changeSystemConfig({ enterpriseEventsPerMonth: 2 })
  await stack.send(registered('alice', referrer.code))
  await stack.settled()
  const first = await stack.send(paid('alice', 'in_1', 10_000))
  const over = await stack.send(paid('alice', 'in_2', 10_000))
  await stack.send(refunded('in_2', 're_1', 5_000))
  await stack.settled()
  const statusOf = async (eventId: string) => (await client.getEvent(eventId)).status
  expect([await statusOf(first.body.eventId), await statusOf(over.body.eventId)]).toEqual(['processed', 'deferred'])
  expect(await client.getUsage()).toMatchObject({ quota: 2, used: 3, deferred: 1 })
  const pending = async () => (await client.getBalance(referrer.userId)).balances[0]?.pending
  expect(await pending()).toBe(2_000)

  await client.changeSystemConfig({ enterpriseEventsPerMonth: null })
  await until('the payment to be decided', async () => (await statusOf(over.body.eventId)) === 'processed')
  await stack.settled()
  // Half of the second payment had gone back before anybody heard of it.
  expect(await pending()).toBe(3_000)
  expect(await client.getUsage()).toMatchObject({ quota: null, used: 3, deferred: 0 })
  const [plan] = await query<{ plan: string }>(stack.databases.rewards.db, 'select plan from heard_configs')
  expect(plan).toEqual({ plan: 'enterprise' })
})
