import { rewardEarned } from '@tributary/contracts'
import { beforeAll, expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { paid, type Referrer, registered, setUpProgramme, tenForARegistration } from './programme.ts'
import { type Stack, startStack } from './stack.ts'

let stack: Stack
let bob: Referrer
beforeAll(async () => {
  stack = await startStack()
  bob = await setUpProgramme(stack, [{ ...tenForARegistration, holdingDays: 14 }])
})

it('the same webhook twice is the same event, and earns once', async () => {
  const webhook = { id: 'msg_ann', timestamp: new Date().toISOString(), ...registered('ann', bob.code) }
  const first = await stack.send(webhook)
  const second = await stack.send(webhook)
  expect([first.status, second.status]).toEqual([202, 202])
  expect(first.body).toMatchObject({ duplicate: false })
  expect(second.body).toMatchObject({ duplicate: true, eventId: first.body.eventId })
  await stack.settled()
  expect(await balanceOf(stack, bob.userId)).toEqual({ pending: 1_000, totalEarned: 1_000 })
})

it('also when it comes 50 times at the same instant', async () => {
  const webhook = { id: 'msg_eve', timestamp: new Date().toISOString(), ...registered('eve', bob.code) }
  const answers = await Promise.all(Array.from({ length: 50 }, () => stack.send(webhook)))
  expect(new Set(answers.map((one) => one.status))).toEqual(new Set([202]))
  expect(new Set(answers.map((one) => one.body.eventId)).size).toBe(1)
  expect(answers.filter((one) => one.body.duplicate === false)).toHaveLength(1)
  await stack.settled()
  expect(await balanceOf(stack, bob.userId)).toEqual({ pending: 2_000, totalEarned: 2_000 })
  await expectBooksToBalance(stack)
})

it('the same id with another body is refused, and the first one stands', async () => {
  const timestamp = new Date().toISOString()
  const first = await stack.send({ id: 'msg_invoice', timestamp, ...paid('ann', 'invoice-1', 1_000) })
  const other = await stack.send({ id: 'msg_invoice', timestamp, ...paid('ann', 'invoice-1', 9_000) })
  expect(first.status).toBe(202)
  expect(other.status).toBe(409)
  expect(other.body.code).toBe('idempotency_conflict')
  await stack.settled()
  const stored = await stack.client.getEvent(first.body.eventId)
  expect(stored.body).toMatchObject({ data: { amount: 1_000 } })
})

it('two webhooks about the same registration earn once: what is rewarded is the cause, not the message', async () => {
  await stack.send({ id: 'msg_ann_again', ...registered('ann', bob.code) })
  await stack.settled()
  expect(stack.ears.count(rewardEarned)).toBe(2)
})
