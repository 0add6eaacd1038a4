import {
  cashoutPaid,
  cashoutRequested,
  rewardEarned,
  rewardReleased,
  rewardReversed,
  transferPosted,
} from '@tributary/contracts'
import { query } from '@tributary/database'
import { until } from '@tributary/testing'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { aFifthOfEachPayment, disputed, paid, refunded, registered, setUpProgramme } from './programme.ts'
import { speakAs } from './speak-as.ts'
import { type Stack, startStack } from './stack.ts'

/** Ann has paid 50.00 USD twice; Bob has a fifth of each, and 15.00 USD of it were paid out to him. */
async function bobWasPaid() {
  const stack = await startStack()
  const { clock, ears, send, settled } = stack
  const bob = await setUpProgramme(stack, [aFifthOfEachPayment])
  await send(registered('ann', bob.code))
  await Promise.all([send(paid('ann', 'invoice-1', 5_000)), send(paid('ann', 'invoice-2', 5_000))])
  await settled()
  clock.forward({ days: 14, minutes: 1 })
  await until('both to be released', () => ears.count(rewardReleased) === 2)
  await settled()
  const say = await speakAs('payouts', stack)
  const cashout = {
    cashoutId: v7(),
    userId: bob.userId,
    amount: 1_500n,
    currency: 'USD',
    provider: 'simulator',
  } as const
  for (const step of [cashoutRequested, cashoutPaid]) {
    const data = { ...cashout, transactionId: v7() }
    await say(step, data)
    await ears.heard(transferPosted, { causeId: data.transactionId })
  }
  await settled()
  expect(await balanceOf(stack, bob.userId)).toEqual({ available: 500, totalEarned: 2_000 })
  return { stack, bob, balance: () => balanceOf(stack, bob.userId) }
}

/** The days that the clock leaps over have no tallies and no settlement files; all else has to hold. */
const leapt = ['money_on_its_way_arrives_in_time', 'every_reward_transaction_has_its_answer']

async function expectVerifiedBooks({ client }: Stack): Promise<void> {
  const { checks, coverage } = await client.verifyBooks({})
  expect(coverage.entries).toBeGreaterThan(0)
  expect(checks.filter(({ name, status }) => status !== 'passed' && !leapt.includes(name))).toEqual([])
}

it('what was paid out and goes back is owed, and the next reward pays for it first', async () => {
  const { stack, balance } = await bobWasPaid()
  const { clock, ears, send, settled } = stack
  await send(refunded('invoice-1', 'refund-1', 5_000))
  await settled()
  expect(await balance()).toEqual({ owed: 500, totalEarned: 1_000 })
  await send(disputed('invoice-2', 'dispute-1', 'lost'))
  await send(refunded('invoice-2', 'refund-2', 5_000))
  await settled()
  expect(await balance()).toEqual({ owed: 1_500 })

  await send(paid('ann', 'invoice-3', 10_000))
  await settled()
  clock.forward({ days: 14, minutes: 1 })
  await until('the third to be released', () => ears.count(rewardReleased) === 3)
  await settled()
  expect(await balance()).toEqual({ available: 500, totalEarned: 2_000 })
  expect(ears.count(rewardReversed)).toBe(2)
  await expectVerifiedBooks(stack)
})

it('a person who is erased leaves books that still verify, to the first entry', async () => {
  const { stack, bob, balance } = await bobWasPaid()
  const before = await balance()
  const entries = () =>
    query(stack.databases.ledger.db, 'select count(*)::int as n, sum(amount)::text as sum from ledger_entries')
  const written = await entries()
  await stack.client.erasePersonalData(bob.userId)
  await stack.settled()
  await expectVerifiedBooks(stack)
  expect([await entries(), await balance()]).toEqual([written, before])
  // What happens to the money afterwards is written as ever.
  await stack.send(refunded('invoice-1', 'refund-1', 2_500))
  await stack.settled()
  expect(await balance()).toEqual({ totalEarned: 1_500 })
  await expectVerifiedBooks(stack)
})

it('what a person held is released once a person resumes it, and once only', async () => {
  const stack = await startStack()
  const { client, clock, ears, send, settled } = stack
  const bob = await setUpProgramme(stack, [aFifthOfEachPayment])
  await send(registered('ann', bob.code))
  await send(paid('ann', 'invoice-1', 5_000))
  const { data: reward } = await ears.heard(rewardEarned)
  await settled()
  await client.holdReward(reward.rewardId, { reason: 'Looks like the same person' })
  await send(paid('ann', 'invoice-2', 5_000))
  await settled()
  clock.forward({ days: 14, minutes: 1 })
  // The second is released by the same job at the same time, or the first would only not be released yet.
  const { data: other } = await ears.heard(rewardReleased)
  await settled()
  expect(other.rewardId).not.toBe(reward.rewardId)
  expect(await balanceOf(stack, bob.userId)).toEqual({ held: 1_000, available: 1_000, totalEarned: 2_000 })
  expect((await client.getReward(reward.rewardId)).explanation).toContain('held by a person')

  await client.resumeReward(reward.rewardId, { reason: 'Two people after all' })
  await ears.heard(rewardReleased, { rewardId: reward.rewardId })
  await settled()
  expect(await balanceOf(stack, bob.userId)).toEqual({ available: 2_000, totalEarned: 2_000 })
  expect(ears.count(rewardReleased)).toBe(2)
  await expectBooksToBalance(stack)
})
