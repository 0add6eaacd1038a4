import { rewardEarned, rewardReleased, transferPosted } from '@tributary/contracts'
import { timeline } from '@tributary/testing'
import { expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { aFifthOfEachPayment, paid, registered, setUpProgramme } from './programme.ts'
import { startStack } from './stack.ts'

it("a payment's reward waits out its holding period, and then is available", async () => {
  const stack = await startStack()
  const { send, client, ears, settled, clock } = stack
  const told = timeline(import.meta.url, 'A payment becomes money', ears.all)

  told.step('A programme grants a fifth of each payment, after 14 days. Ann has registered with the code of Bob.')
  const bob = await setUpProgramme(stack, [aFifthOfEachPayment])
  told.name(bob.userId, 'Bob')
  await send(registered('ann', bob.code))
  await settled()
  told.events()

  told.step('Ann pays 49.90 USD. `subscription.paid` is answered 202.')
  const { status, body } = await send(paid('ann', 'invoice-1', 4_990))
  expect(status).toBe(202)
  const earned = await ears.heard(rewardEarned, { userId: bob.userId })
  await settled()
  told.events()
  expect(await balanceOf(stack, bob.userId)).toEqual({ pending: 998, totalEarned: 998 })

  clock.forward({ days: 13, hours: 23 })
  // A released reward would be among these; the clock still lacks an hour.
  await settled()
  expect(ears.count(rewardReleased)).toBe(0)

  clock.forward({ hours: 2 })
  const released = await ears.heard(rewardReleased, { rewardId: earned.data.rewardId })
  await ears.heard(transferPosted, { causeId: released.data.transactionId })
  await settled()
  told.step('14 days pass, in which nobody objects and Ann wants nothing back.')
  told.events()

  expect(await balanceOf(stack, bob.userId)).toEqual({ available: 998, totalEarned: 998 })
  expect((await client.getReward(earned.data.rewardId)).status).toBe('available')
  expect((await client.getEvent(body.eventId)).status).toBe('processed')
  await expectBooksToBalance(stack)
  told.step('Bob has 9.98 USD: a fifth, rounded down.')
  told.compare()
})
