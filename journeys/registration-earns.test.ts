import { rewardEarned, rewardReleased, transferPosted } from '@tributary/contracts'
import { timeline } from '@tributary/testing'
import { expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { registered, setUpProgramme, tenForARegistration } from './programme.ts'
import { startStack } from './stack.ts'

it('a registration with a code earns its referrer a reward, down to the ledger entry', async () => {
  const stack = await startStack()
  const { send, client, ears, settled } = stack
  const told = timeline(import.meta.url, 'A registration earns', ears.all)

  told.step('A company starts a programme: 10.00 USD for whoever brings a new customer. Bob gets a code.')
  const bob = await setUpProgramme(stack, [tenForARegistration])
  told.name(bob.userId, 'Bob')
  await settled()
  told.events()

  const { status, body } = await send(registered('ann', bob.code))
  expect(status).toBe(202)
  const earned = await ears.heard(rewardEarned, { userId: bob.userId })
  // No holding period: due at once, and released as soon as it is screened.
  const released = await ears.heard(rewardReleased, { rewardId: earned.data.rewardId })
  await ears.heard(transferPosted, { causeId: released.data.transactionId })
  await settled()
  told.step("Ann registers with Bob's code; the company's app sends `user.registered`, answered 202.")
  told.events()

  expect(earned.correlationId).toBe(body.eventId)
  const event = await client.getEvent(body.eventId)
  expect(event.status).toBe('processed')
  expect(event.effects).toContainEqual(expect.objectContaining({ service: 'rewards', outcome: 'processed' }))
  expect(event.effects).toContainEqual(expect.objectContaining({ service: 'ledger' }))
  expect(await balanceOf(stack, bob.userId)).toEqual({ available: 1_000, totalEarned: 1_000 })
  await expectBooksToBalance(stack)
  told.step('Bob has 10.00 USD, to be paid out whenever he likes.')
  told.compare()
})
