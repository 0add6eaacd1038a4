import { randomUUID } from 'node:crypto'
import { customEvent, rewardEarned, rewardReleased, screeningPassed, transferPosted } from '@tributary/contracts'
import { query } from '@tributary/database'
import { expect, it } from 'vitest'
import { balanceOf } from './books.ts'
import { setUpProgramme, tenForARegistration } from './programme.ts'
import { startStack } from './stack.ts'

it("a rightly signed webhook that is typed like another service's word moves nothing", async () => {
  const stack = await startStack()
  const { send, ears, settled, client, databases } = stack
  const bob = await setUpProgramme(stack, [tenForARegistration])
  const movement = {
    rewardId: randomUUID(),
    transactionId: randomUUID(),
    userId: bob.userId,
    amount: 1_000_000,
    currency: 'USD',
  }
  const pretended = [
    {
      type: 'reward.earned',
      data: {
        ...movement,
        beneficiary: 'referrer',
        ruleId: randomUUID(),
        ruleVersion: 1,
        cause: 'invoice:none',
        dueAt: new Date().toISOString(),
      },
    },
    { type: 'reward.released', data: movement },
    {
      type: 'screening.passed',
      data: { screeningId: randomUUID(), subject: 'reward', subjectId: movement.rewardId, revision: 1 },
    },
    {
      type: 'transfer.posted.earn',
      data: { ...movement, transferId: randomUUID(), causeId: randomUUID(), kind: 'earn' },
    },
    {
      type: 'rewards.parked',
      data: { parkedId: randomUUID(), service: 'rewards', subject: randomUUID(), type: 'x', reason: 'x' },
    },
  ]

  for (const { type, data } of pretended) {
    const { status, body } = await send({ type, data: { externalUserId: 'mallory', ...data } })
    expect(status).toBe(202)
    await ears.heard({ ...customEvent, type: `custom.${type}` } as typeof customEvent)
    await settled()
    expect((await client.getEvent(body.eventId)).status).toBe('ignored')
  }

  expect(await balanceOf(stack, bob.userId)).toEqual({})
  expect(await query(databases.ledger.db, 'select cause_id from causes')).toEqual([])
  expect(await query(databases.rewards.db, 'select id from rewards')).toEqual([])
  for (const event of [rewardEarned, rewardReleased, screeningPassed, transferPosted]) expect(ears.count(event)).toBe(0)
})
