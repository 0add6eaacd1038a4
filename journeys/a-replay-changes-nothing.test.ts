import { decisionRecorded, rewardEarned } from '@tributary/contracts'
import { query } from '@tributary/database'
import { until } from '@tributary/testing'
import { beforeAll, expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { aFifthOfEachPayment, paid, type Referrer, refunded, registered, setUpProgramme } from './programme.ts'
import { type Stack, startStack } from './stack.ts'

let stack: Stack
let bob: Referrer
beforeAll(async () => {
  stack = await startStack()
  bob = await setUpProgramme(stack, [aFifthOfEachPayment])
})

const transfers = async () => {
  const [row] = await query<{ count: number }>(
    stack.databases.ledger.db,
    'select count(*)::int as count from ledger_entries',
  )
  return row!.count
}
const said = () => [rewardEarned, decisionRecorded].map((event) => stack.ears.count(event))

async function replayAll(asked: { type?: string; reason?: string } = {}) {
  const range = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }
  const begun = await stack.client.createReplay({ ...range, ...asked })
  if (!('id' in begun)) throw new Error('a dry run was answered')
  const { id } = begun
  await until('the replay to end', async () => (await stack.client.getReplay(id)).state === 'done')
  await stack.settled()
  return await stack.client.getReplay(id)
}

it('neither of one event nor of all of them: nothing is decided, earned or posted again', async () => {
  await stack.send(registered('ann', bob.code))
  await stack.settled()
  const payment = await stack.send(paid('ann', 'invoice-1', 10_000))
  await stack.send(paid('ann', 'invoice-2', 5_000))
  await stack.send(refunded('invoice-2', 'refund-1', 1_000))
  // Nobody brought them: ignored, with that reason.
  const ignored = await stack.send(registered('eve'))
  await stack.settled()
  const before = { money: await balanceOf(stack, bob.userId), entries: await transfers(), said: said() }
  expect(before.money).toEqual({ pending: 2_800, totalEarned: 2_800 })

  for (const { body } of [payment, ignored]) await stack.client.replayEvent(body.eventId, { reason: 'a test' })
  await stack.settled()
  const all = await replayAll({ reason: 'a test' })
  expect(all).toMatchObject({ replayed: 5, leftOut: 0 })

  expect({ money: await balanceOf(stack, bob.userId), entries: await transfers(), said: said() }).toEqual(before)
  const event = await stack.client.getEvent(payment.body.eventId)
  expect(event.status).toBe('processed')
  expect((event.effects ?? []).filter((effect) => effect.kind === 'replay')).toHaveLength(2)
  await expectBooksToBalance(stack)
})

it('unless the first decision was to ignore it, and a new one is forced: that earns, once', async () => {
  const course = { type: 'course.completed', data: { externalUserId: 'ann', amount: 2_000, currency: 'USD' } }
  const { eventId } = (await stack.send({ ...course, timestamp: new Date().toISOString() })).body
  await stack.settled()
  expect((await stack.client.getEvent(eventId)).status).toBe('ignored')
  const before = await balanceOf(stack, bob.userId)
  // The rule that was forgotten, counting from before.
  const { id, version } = await stack.client.createRule({
    name: '10 USD for a course',
    eventType: 'course.completed',
    currency: 'USD',
    reward: { kind: 'fixed', amount: 1_000, currency: 'USD' },
    holdingDays: 14,
  })
  await stack.client.activateRule(id, { version, activeFrom: '2026-01-01T00:00:00Z' })

  await stack.client.replayEvent(eventId)
  await stack.settled()
  expect(await balanceOf(stack, bob.userId)).toEqual(before)

  const force = { id: 'course-of-ann', reason: 'the rule was forgotten' }
  const { forcedEventId } = await stack.client.replayEvent(eventId, { force })
  await stack.client.replayEvent(eventId, { force })
  await stack.settled()
  const after = { pending: before.pending! + 1_000, totalEarned: before.totalEarned! + 1_000 }
  expect(await balanceOf(stack, bob.userId)).toEqual(after)
  expect((await stack.client.getEvent(forcedEventId!)).status).toBe('processed')

  const again = stack.client.replayEvent(eventId, { force: { ...force, id: 'course-of-ann-again' } })
  await expect(again).rejects.toMatchObject({ code: 'replay_refused' })
  await replayAll({ type: 'course.completed' })
  expect(await balanceOf(stack, bob.userId)).toEqual(after)
  await expectBooksToBalance(stack)
})
