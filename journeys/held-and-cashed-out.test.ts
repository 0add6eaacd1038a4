import {
  cashoutCancelled,
  cashoutFailed,
  cashoutPaid,
  cashoutRejected,
  cashoutRequested,
  cashoutReturned,
  rewardEarned,
  rewardHeld,
  rewardReleased,
  rewardResumed,
  transferPosted,
  transferRefused,
} from '@tributary/contracts'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { balanceOf } from './books.ts'
import { aFifthOfEachPayment, paid, registered, setUpProgramme } from './programme.ts'
import { speakAs } from './speak-as.ts'
import { startStack } from './stack.ts'

/** Bob has 10.00 USD, from a payment of Ann's two weeks ago. */
async function bobHasTenDollars() {
  const stack = await startStack()
  const bob = await setUpProgramme(stack, [aFifthOfEachPayment])
  await stack.send(registered('ann', bob.code))
  await stack.send(paid('ann', 'invoice-1', 5_000))
  const { data: reward } = await stack.ears.heard(rewardEarned)
  stack.clock.forward({ days: 14, minutes: 1 })
  const released = await stack.ears.heard(rewardReleased)
  await stack.ears.heard(transferPosted, { causeId: released.data.transactionId })
  await stack.settled()
  return { stack, reward, userId: bob.userId, balance: () => balanceOf(stack, bob.userId) }
}

it('money that somebody looks at is set aside and comes back', async () => {
  const { stack, reward, balance } = await bobHasTenDollars()
  const say = await speakAs('rewards', stack)
  const { rewardId, userId, amount, currency } = reward
  const asked = (sequence: number) => ({ rewardId, userId, amount, currency, transactionId: v7(), sequence })
  expect(await balance()).toEqual({ available: 1_000, totalEarned: 1_000 })

  const held = { ...asked(1), reason: 'manual' }
  await say(rewardHeld, held)
  await stack.ears.heard(transferPosted, { causeId: held.transactionId })
  expect(await balance()).toEqual({ held: 1_000, totalEarned: 1_000 })

  const resumed = asked(2)
  await say(rewardResumed, resumed)
  await stack.ears.heard(transferPosted, { causeId: resumed.transactionId })
  expect(await balance()).toEqual({ available: 1_000, totalEarned: 1_000 })
  await stack.settled()
})

it('a cashout sets money aside, pays it or gives it back, and is refused where there is not enough', async () => {
  const { stack, userId, balance } = await bobHasTenDollars()
  const say = await speakAs('payouts', stack)
  const { heard } = stack.ears
  const cashout = (amount: bigint) =>
    ({ cashoutId: v7(), userId, amount, currency: 'USD', provider: 'simulator' }) as const
  const step = (of: ReturnType<typeof cashout>) => ({ ...of, transactionId: v7() })
  const back = (of: ReturnType<typeof cashout>) => ({ ...step(of), reason: 'test' })

  const first = cashout(600n)
  const requested = step(first)
  await say(cashoutRequested, requested)
  await heard(transferPosted, { causeId: requested.transactionId, kind: 'reserve' })
  expect(await balance()).toEqual({ available: 400, inPayout: 600, totalEarned: 1_000 })

  const sent = step(first)
  await say(cashoutPaid, sent)
  await heard(transferPosted, { causeId: sent.transactionId, kind: 'settle' })
  expect(await balance()).toEqual({ available: 400, totalEarned: 1_000 })

  const tooMuch = step(cashout(401n))
  await say(cashoutRequested, tooMuch)
  await heard(transferRefused, { causeId: tooMuch.transactionId, reason: 'insufficient_available' })

  for (const end of [cashoutFailed, cashoutRejected, cashoutCancelled]) {
    const next = cashout(400n)
    await say(cashoutRequested, step(next))
    const given = back(next)
    await heard(transferPosted, { cashoutId: next.cashoutId, kind: 'reserve' })
    expect(await balance(), end.type).toEqual({ inPayout: 400, totalEarned: 1_000 })
    await say(end, given)
    await heard(transferPosted, { causeId: given.transactionId, kind: 'return' })
    expect(await balance(), end.type).toEqual({ available: 400, totalEarned: 1_000 })
  }

  const bounced = back(first)
  await say(cashoutReturned, bounced)
  await heard(transferPosted, { causeId: bounced.transactionId, kind: 'bounce' })
  expect(await balance()).toEqual({ available: 1_000, totalEarned: 1_000 })
  await stack.settled()
})
