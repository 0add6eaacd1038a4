import { v7 } from 'uuid'
import { beforeAll, expect, test } from 'vitest'
import { type Counter, openCounter } from './counter.ts'
import {
  type Desk,
  disputed,
  openDesk,
  paid,
  refunded,
  refusedByLedger,
  registered,
  screened,
  seedReferrer,
  seedRule,
} from './desk.ts'

let counter: Counter
let desk: Desk

beforeAll(async () => {
  counter = await openCounter()
  desk = await openDesk(counter.service.database)
  await seedReferrer(desk)
  await seedRule(desk, { holdingDays: 3650 })
  await desk.handle(registered('bob', { referralCode: 'ann' }))
})

async function earn(invoice: string) {
  await desk.handle(paid('bob', invoice, 1000))
  const earned = (await desk.said('reward.earned')).at(-1)!
  return { id: earned.data.rewardId as string, transactionId: earned.data.transactionId as string }
}

const get = async (id: string) => (await counter.ask('GET', `/api/v1/rewards/${id}`)).body as object

test('a reward whose earning was refused says so, and nothing of it is moved any more', async () => {
  const { id, transactionId } = await earn('inv-1')
  const refusal = refusedByLedger(transactionId, 'total_out_of_range')
  const repeated = refusedByLedger(transactionId, 'total_out_of_range')
  expect(await desk.handle(refusal, repeated)).toEqual([
    { kind: 'done' },
    { kind: 'ignored', reason: 'refusal_already_known' },
  ])
  expect(await desk.handle(repeated)).toEqual([{ kind: 'ignored', reason: 'refusal_already_known' }])
  expect(await get(id)).toMatchObject({
    status: 'refused',
    refusal: 'total_out_of_range',
    refusals: [{ transactionId, kind: 'earned', reason: 'total_out_of_range' }],
  })
  expect((await counter.ask('GET', '/api/v1/rewards?status=refused')).body.items).toMatchObject([{ id }])

  const before = (await desk.said('reward.%')).length
  await desk.handle(screened(id, 'held', 1))
  await desk.handle(screened(id, 'passed', 2))
  expect(await desk.handle(disputed('inv-1', 'd-1', 'opened'))).toEqual([
    { kind: 'ignored', reason: 'nothing_to_hold' },
  ])
  expect(await desk.handle(disputed('inv-1', 'd-1', 'won'))).toEqual([{ kind: 'ignored', reason: 'nothing_to_resume' }])
  expect(await desk.handle(refunded('inv-1', 'r-1', 500))).toEqual([{ kind: 'ignored', reason: 'nothing_to_reverse' }])
  await desk.handle(screened(id, 'failed', 3))
  desk.setNow(new Date('2040-01-01T00:00:00Z'))
  await desk.handle(screened(id, 'passed', 4))
  await desk.work('release-matured-rewards')
  expect(await desk.said('reward.%')).toHaveLength(before)
  const refused = await counter.ask('POST', `/api/v1/rewards/${id}/reverse`, { reason: 'x' }, undefined, { key: 'k' })
  expect(refused).toMatchObject({ status: 409, body: { detail: 'the ledger refused it: total_out_of_range' } })
})

test('any other refused movement of a reward is shown with it, counted, and changes nothing', async () => {
  const { id } = await earn('inv-2')
  await desk.handle(refunded('inv-2', 'r-1', 100))
  const reversed = (await desk.said('reward.reversed')).at(-1)!
  await desk.handle(refusedByLedger(reversed.data.transactionId as string, 'reward_of_another_user'))
  expect(await get(id)).toMatchObject({
    status: 'pending',
    refusal: null,
    refusals: [{ kind: 'reversed', reason: 'reward_of_another_user' }],
  })
  const metrics = await (await fetch(counter.service.metricsUrl)).text()
  expect(metrics).toMatch(/tributary_rewards_refused_movements\{kind="earned"\} 1/)
  expect(metrics).toMatch(/tributary_rewards_refused_movements\{kind="reversed"\} 1/)
  expect(metrics).toMatch(/tributary_rewards_refused_movements\{kind="released"\} 0/)
})

test("what is refused of others' movements is none of ours", async () => {
  expect(await desk.handle(refusedByLedger(v7(), 'insufficient_available'))).toEqual([
    { kind: 'ignored', reason: 'not_about_a_reward' },
  ])
})
