import { randomUUID } from 'node:crypto'
import { messageParked, rewardEarned } from '@tributary/contracts'
import { query } from '@tributary/database'
import { queueOf } from '@tributary/messaging'
import { beforeAll, expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { type Referrer, registered, setUpProgramme, tenForARegistration } from './programme.ts'
import { type Stack, startStack } from './stack.ts'

let stack: Stack
let bob: Referrer
beforeAll(async () => {
  stack = await startStack()
  bob = await setUpProgramme(stack, [{ ...tenForARegistration, holdingDays: 14 }])
})

/** A bug that only some values meet: as if a handler wrote what its tables can never hold. */
const bug = {
  install: () =>
    query(
      stack.databases.rewards.db,
      `create function stumble() returns trigger language plpgsql as $$ begin
         raise exception 'cannot store mallory' using errcode = 'data_exception';
       end $$;
       create trigger stumble before insert on users for each row when (new.external_id = 'mallory') execute function stumble()`,
    ),
  fix: () => query(stack.databases.rewards.db, 'drop trigger stumble on users'),
}

it('a message that no retry can mend is parked alone, its batch survives, and its replay works after the fix', async () => {
  const { send, client, settled, ears } = stack
  await bug.install()
  const customers = [...Array.from({ length: 30 }, (_, number) => `ann-${number}`), 'mallory']
  const answers = await Promise.all(customers.map((customer) => send(registered(customer, bob.code))))
  expect(answers.map((one) => one.status)).toEqual(answers.map(() => 202))
  const mallory = answers.at(-1)?.body.eventId as string

  const parked = await ears.heard(messageParked, { service: 'rewards' })
  await settled({ parked: 1 })
  expect(parked.correlationId).toBe(mallory)
  expect(await balanceOf(stack, bob.userId)).toEqual({ pending: 30_000, totalEarned: 30_000 })
  expect((await client.getEvent(mallory)).status).toBe('parked')
  const { items } = await client.listDeadLetters('rewards', { status: 'parked' })
  expect(items).toEqual([expect.objectContaining({ id: parked.data.parkedId, type: 'user.registered' })])

  await bug.fix()
  await client.replayDeadLetter('rewards', parked.data.parkedId)
  await ears.heard(rewardEarned, { cause: 'registration:mallory' })
  await settled()
  expect((await client.getEvent(mallory)).status).toBe('processed')
  expect(await balanceOf(stack, bob.userId)).toEqual({ pending: 31_000, totalEarned: 31_000 })
  await expectBooksToBalance(stack)
})

it.each([
  ['bytes that are no JSON', '{"rewardId":'],
  ['an envelope without ids', '{}'],
  ['an amount below zero', JSON.stringify({ rewardId: randomUUID(), amount: -1 })],
])('%s in a queue are parked and stop nobody', async (what, content) => {
  const { broker, send, settled, databases } = stack
  const before = (await balanceOf(stack, bob.userId)).pending ?? 0
  const parkedSoFar = async () =>
    (await query(databases.ledger.db, `select id from parked_messages where status = 'parked'`)).length
  const parkedBefore = await parkedSoFar()
  const channel = await broker.channel()
  const id = uuidV7()
  const headers = what.startsWith('an envelope')
    ? {}
    : {
        cloudEvents_type: 'reward.earned',
        cloudEvents_source: '/tributary/rewards',
        cloudEvents_subject: id,
        cloudEvents_time: new Date().toISOString(),
        correlationid: id,
        causationid: id,
      }
  channel.sendToQueue(queueOf('ledger'), Buffer.from(content), { messageId: id, type: 'reward.earned', headers })
  await send(registered(`after-${what.replaceAll(' ', '-')}`, bob.code))
  await expect.poll(parkedSoFar).toBe(parkedBefore + 1)
  await settled({ parked: parkedBefore + 1 })
  expect(await balanceOf(stack, bob.userId)).toEqual({ pending: before + 1_000, totalEarned: before + 1_000 })
})

/** The inbox asks for an id that carries its time. */
function uuidV7(): string {
  const time = Date.now().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
