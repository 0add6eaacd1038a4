import { rewardEarned } from '@tributary/contracts'
import { timeline } from '@tributary/testing'
import { expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { aFifthOfEachPayment, paid, registered, setUpProgramme } from './programme.ts'
import { startStack } from './stack.ts'

it('a payment that arrives before its registration is rewarded once that arrives', async () => {
  const stack = await startStack()
  const { send, client, ears, settled } = stack
  const told = timeline(import.meta.url, 'A registration comes late', ears.all)
  const bob = await setUpProgramme(stack, [aFifthOfEachPayment])
  told.name(bob.userId, 'Bob')
  told.step('Bob has a code.')
  await settled()
  told.events()

  told.step("Ann's payment arrives; nobody has heard of Ann yet. Nothing is earned, and the decision says why.")
  const payment = await send(paid('ann', 'invoice-1', 5_000))
  await settled()
  told.events()
  expect((await client.getEvent(payment.body.eventId)).status).toBe('ignored')
  expect(await balanceOf(stack, bob.userId)).toEqual({})

  told.step("Now her registration arrives, with Bob's code. The payment is decided again.")
  await send(registered('ann', bob.code))
  const earned = await ears.heard(rewardEarned, { userId: bob.userId })
  await settled()
  told.events()
  expect(earned.data.amount).toBe(1_000n)
  expect((await client.getEvent(payment.body.eventId)).status).toBe('processed')
  expect(await balanceOf(stack, bob.userId)).toEqual({ pending: 1_000, totalEarned: 1_000 })
  await expectBooksToBalance(stack)
  told.step('The payment counts as processed after all.')
  told.compare()
})

it('also when both arrive at the same instant, in any order, for many customers', async () => {
  const stack = await startStack()
  const bob = await setUpProgramme(stack, [aFifthOfEachPayment])
  const customers = Array.from({ length: 60 }, (_, number) => `customer-${number}`)
  const answers = await Promise.all(
    customers.flatMap((customer, number) => {
      const both = [paid(customer, `invoice-of-${customer}`, 1_000), registered(customer, bob.code)]
      return (number % 2 === 0 ? both : both.reverse()).map((webhook) => stack.send(webhook))
    }),
  )
  expect(new Set(answers.map((one) => one.status))).toEqual(new Set([202]))
  await stack.settled()
  expect(await balanceOf(stack, bob.userId)).toEqual({ pending: 200 * 60, totalEarned: 200 * 60 })
  expect(stack.ears.count(rewardEarned)).toBe(60)
  await expectBooksToBalance(stack)
})
