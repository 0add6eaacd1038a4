import { rewardHeld, rewardReleased, rewardResumed, transferPosted } from '@tributary/contracts'
import { timeline } from '@tributary/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { aFifthOfEachPayment, disputed, newReferrer, paid, refunded, registered, setUpProgramme } from './programme.ts'
import { startStack } from './stack.ts'

async function annPays() {
  const stack = await startStack()
  const bob = await setUpProgramme(stack, [aFifthOfEachPayment])
  await stack.send(registered('ann', bob.code))
  await stack.settled()
  return { stack, bob, balance: () => balanceOf(stack, bob.userId) }
}

describe('a disputed payment', () => {
  it('sets its reward aside, gives it back when it is won, and takes it back when it is lost', async () => {
    const { stack, bob, balance } = await annPays()
    const { send, settled, ears, clock } = stack
    const told = timeline(import.meta.url, 'A payment is disputed', ears.all)
    told.name(bob.userId, 'Bob')
    told.step('Ann, whom Bob referred, has registered.')
    told.events()

    told.step('She pays twice, 50.00 USD each. 14 days pass, and a fifth of it is released to Bob.')
    await send(paid('ann', 'invoice-1', 5_000))
    await settled()
    await send(paid('ann', 'invoice-2', 5_000))
    await settled()
    clock.forward({ days: 14, minutes: 1 })
    for (let count = 0; count < 2; count++) {
      const released = await ears.heard(rewardReleased)
      await ears.heard(transferPosted, { causeId: released.data.transactionId })
    }
    await settled()
    told.events()
    expect(await balance()).toEqual({ available: 2_000, totalEarned: 2_000 })

    told.step('Ann contests the first payment with her bank. Bob keeps the reward, but cannot spend it.')
    await send(disputed('invoice-1', 'dispute-1', 'opened'))
    await settled()
    told.events()
    expect(await balance()).toEqual({ available: 1_000, held: 1_000, totalEarned: 2_000 })

    told.step('The bank rules for the shop.')
    await send(disputed('invoice-1', 'dispute-1', 'won'))
    await settled()
    told.events()
    expect(await balance()).toEqual({ available: 2_000, totalEarned: 2_000 })

    told.step('She contests the second payment, too.')
    await send(disputed('invoice-2', 'dispute-2', 'opened'))
    await settled()
    told.events()
    told.step('This time the bank rules for her: all of it goes back.')
    await send(disputed('invoice-2', 'dispute-2', 'lost'))
    await settled()
    told.events()
    expect(await balance()).toEqual({ available: 1_000, totalEarned: 1_000 })

    told.step('The shop also tells of it as a refund. It is the same money, and nothing more is taken.')
    await send(refunded('invoice-2', 'refund-1', 5_000))
    await settled()
    told.events()
    expect(await balance()).toEqual({ available: 1_000, totalEarned: 1_000 })
    await expectBooksToBalance(stack)
    told.compare()
  })

  it('is held by people as well: neither their word nor the bank’s ends the other’s hold', async () => {
    const { stack, balance } = await annPays()
    const { send, settled, ears, client } = stack
    await send(paid('ann', 'invoice-1', 5_000))
    await settled()
    const { items } = await client.listRewards({})
    const reward = items[0]!
    await client.holdReward(reward.id, { reason: 'Looks like the same person' })
    await send(disputed('invoice-1', 'dispute-1', 'opened'))
    await settled()
    expect(await balance()).toEqual({ held: 1_000, totalEarned: 1_000 })
    await client.resumeReward(reward.id, { reason: 'Two people after all' })
    await settled()
    expect(await balance()).toEqual({ held: 1_000, totalEarned: 1_000 })
    await send(disputed('invoice-1', 'dispute-1', 'won'))
    await settled()
    expect(await balance()).toEqual({ pending: 1_000, totalEarned: 1_000 })
    await client.reverseReward(reward.id, { amount: 300, reason: 'Half a friend' }, { idempotencyKey: 'reversal-1' })
    await client.reverseReward(reward.id, { amount: 300, reason: 'Half a friend' }, { idempotencyKey: 'reversal-1' })
    await settled()
    expect(await balance()).toEqual({ pending: 700, totalEarned: 700 })
    expect([ears.count(rewardHeld), ears.count(rewardResumed)]).toEqual([1, 1])
    await expectBooksToBalance(stack)
  })

  it('ends in the same books as any other order of the same payments, refunds and disputes', async () => {
    const stack = await startStack()
    await setUpProgramme(stack, [aFifthOfEachPayment])
    const orders = fc.sample(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }), {
      numRuns: 3,
      seed: 20260601,
    })
    const referrers = await Promise.all(
      orders.map(async (order, index) => {
        const referrer = await newReferrer(stack.client, `bob-${index}`)
        const [ann, invoice] = [`ann-${index}`, `invoice-${index}`]
        const webhooks = [
          registered(ann, referrer.code),
          paid(ann, invoice, 5_000),
          refunded(invoice, 'refund-1', 700),
          refunded(invoice, 'refund-2', 800),
          disputed(invoice, 'dispute-1', 'opened'),
          disputed(invoice, 'dispute-1', 'lost', { amount: 2_000, currency: 'USD' }),
          disputed(invoice, 'dispute-2', 'won'),
        ]
        for (const at of order) await stack.send(webhooks[at]!)
        return referrer
      }),
    )
    await stack.settled()
    for (const { userId } of referrers) {
      expect(await balanceOf(stack, userId)).toEqual({ pending: 600, totalEarned: 600 })
    }
    await expectBooksToBalance(stack)
  })
})
