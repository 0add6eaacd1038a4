import { rewardEarned, rewardReleased, rewardReversed, transferPosted } from '@tributary/contracts'
import { timeline } from '@tributary/testing'
import { describe, expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { aFifthOfEachPayment, paid, refunded, registered, setUpProgramme } from './programme.ts'
import { startStack } from './stack.ts'

async function annPays() {
  const stack = await startStack()
  const bob = await setUpProgramme(stack, [aFifthOfEachPayment])
  await stack.send(registered('ann', bob.code))
  await stack.settled()
  return { stack, bob, balance: () => balanceOf(stack, bob.userId) }
}

describe('a refund', () => {
  it('takes back its share of the reward, before it is released and after', async () => {
    const { stack, bob, balance } = await annPays()
    const { send, settled, ears, clock } = stack
    const told = timeline(import.meta.url, 'A refund takes its share back', ears.all)
    told.name(bob.userId, 'Bob')
    told.step('Ann, whom Bob referred, has registered.')
    told.events()

    told.step('She pays 50.00 USD; a fifth of it is for Bob, after 14 days.')
    await send(paid('ann', 'invoice-1', 5_000))
    await settled()
    told.events()
    expect(await balance()).toEqual({ pending: 1_000, totalEarned: 1_000 })

    told.step('Within these days she gets 20.00 USD back, so a fifth of that is taken back from what waits for Bob.')
    await send(refunded('invoice-1', 'refund-1', 2_000))
    await settled()
    told.events()
    expect(await balance()).toEqual({ pending: 600, totalEarned: 600 })

    clock.forward({ days: 14, minutes: 1 })
    const released = await ears.heard(rewardReleased)
    await ears.heard(transferPosted, { causeId: released.data.transactionId })
    await settled()
    told.step('14 days pass; what is left is released.')
    told.events()
    expect(await balance()).toEqual({ available: 600, totalEarned: 600 })

    told.step('The next day she gets the other 30.00 USD back as well: it comes out of what Bob has available.')
    await send(refunded('invoice-1', 'refund-2', 3_000))
    await settled()
    told.events()
    expect(await balance()).toEqual({})
    await expectBooksToBalance(stack)
    told.step('Bob has nothing left of it, and both ledger and rewards show each step.')
    told.compare()
  })

  it('that overtakes its payment counts once the payment is there, and a repeated one counts once', async () => {
    const { stack, balance } = await annPays()
    const { send, settled, ears } = stack
    await send(refunded('invoice-2', 'refund-1', 2_500))
    await settled()
    await send(paid('ann', 'invoice-2', 5_000))
    await settled()
    expect(await balance()).toEqual({ pending: 500, totalEarned: 500 })
    await send(refunded('invoice-2', 'refund-1', 2_500))
    await settled()
    expect(await balance()).toEqual({ pending: 500, totalEarned: 500 })
    await expectBooksToBalance(stack)
    expect(ears.count(rewardEarned)).toBe(1)
  })

  it('of everything, in three parts that do not divide evenly, leaves nothing behind', async () => {
    const { stack, balance } = await annPays()
    await stack.send(paid('ann', 'invoice-3', 1_001))
    const parts = [333, 333, 335]
    await Promise.all(parts.map((amount, index) => stack.send(refunded('invoice-3', `refund-${index}`, amount))))
    await stack.settled()
    expect(await balance()).toEqual({})
    expect(stack.ears.count(rewardReversed)).toBeGreaterThan(0)
    await expectBooksToBalance(stack)
  })
})
