import { rewardReleased, rewardTallied } from '@tributary/contracts'
import { inTransaction, query } from '@tributary/database'
import { exchanges, newPublisher, queueOf } from '@tributary/messaging'
import { until } from '@tributary/testing'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { registered, setUpProgramme, tenForARegistration } from './programme.ts'
import { startStack } from './stack.ts'

type Verification = Readonly<{ ok: boolean; checks: { name: string; status: string; detail: string }[] }>

it('a message that is lost between rewards and the ledger is named by the day, the kind and what both sides say', async () => {
  const stack = await startStack()
  const { send, client, ears, settled, broker, services, clock } = stack
  const { userId, code } = await setUpProgramme(stack, [tenForARegistration])
  await send(registered('ann', code))
  await ears.heard(rewardReleased, { userId })
  await settled()

  // No broker loses a confirmed message by itself; somebody took a binding away.
  const channel = await broker.channel()
  const binding = [queueOf('ledger'), exchanges.events, rewardReleased.type] as const
  await channel.unbindQueue(...binding)
  await send(registered('cyd', code))
  await until('the second release', () => ears.all().filter(({ type }) => type === rewardReleased.type).length === 2)
  await channel.bindQueue(...binding)

  clock.forward({ days: 1, hours: 1 })
  const { db, now } = { db: services.rewards.db, now: clock.now }
  const tally = services.rewards.service.jobs.find(({ name }) => name === 'tally-transactions')!
  const inOutbox: Parameters<typeof tally.run>[0]['transaction'] = (run) =>
    inTransaction(db, async (tx) => {
      const publisher = newPublisher('rewards', { now: now(), newId: () => v7() })
      const result = await run(tx, publisher.publish)
      await publisher.flush(tx)
      return result
    })
  const context = { db, now, newId: () => v7(), transaction: inOutbox, service: 'rewards' as const }
  while (await tally.run({ ...context, log: null as never, signal: new AbortController().signal }));
  services.rewards.wake()
  await ears.heard(rewardTallied, {})
  await until('the ledger to hear it', async () => (await query(services.ledger.db, 'select from tallies')).length > 0)

  // It may only be slow, at first.
  expect(await missing()).toMatchObject({ status: 'passed' })
  clock.forward({ hours: 1 })
  const { status, detail } = await missing()
  expect(status).toBe('failed')
  expect(detail).toMatch(/^\d{4}-\d\d-\d\d release USD: 2 of 2000 asked, 1 of 1000 answered$/)

  async function missing() {
    const { checks } = (await client.verifyBooks()) as unknown as Verification
    return checks.find(({ name }) => name === 'every_reward_transaction_has_its_answer')!
  }
})
