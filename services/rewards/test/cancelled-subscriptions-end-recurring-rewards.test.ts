import { until } from '@tributary/testing'
import { expect, test } from 'vitest'
import { cancelled, type Desk, openDesk, paid, registered, seedReferrer, seedRule } from './desk.ts'

const monthly = { recurring: { periods: 12 } }

async function openShop(changes: Record<string, unknown> = monthly): Promise<Desk> {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk, changes)
  await desk.handle(registered('bob', { referralCode: 'ann', at: '2026-01-02T00:00:00Z' }))
  return desk
}

const left = async (desk: Desk) =>
  Object.fromEntries(
    (
      await desk.rows<{ cause: string; left: number }>('select cause, (granted - reversed)::int as left from rewards')
    ).map((row) => [row.cause.slice('invoice:'.length), row.left]),
  )

const march = (subscriptionId = 'sub') =>
  paid('bob', `march-${subscriptionId}`, 1000, { subscriptionId, at: '2026-03-01T00:00:00Z' })
const april = (subscriptionId = 'sub') =>
  paid('bob', `april-${subscriptionId}`, 1000, { subscriptionId, at: '2026-04-01T00:00:00Z' })

test('payments that overtook the cancellation give back what they earned by a recurring rule', async () => {
  const desk = await openShop()
  await desk.handle(march(), april(), april('other'))
  const end = cancelled('bob', 'sub', { at: '2026-03-15T00:00:00Z' })
  expect(await desk.handle(end)).toEqual([{ kind: 'done' }])
  expect(await left(desk)).toEqual({ 'march-sub': 200, 'april-sub': 0, 'april-other': 200 })
  const [reversed] = await desk.said('reward.reversed')
  expect(reversed).toMatchObject({
    correlationId: end.subject,
    data: { amount: 200, reason: 'subscription_cancelled' },
  })
  expect(await desk.rows('select cardinality(reward_ids) as n from decisions where event_id = ?', end.subject)).toEqual(
    [{ n: 1 }],
  )
})

test('in whichever order payments, cancellation and registration come, the same is left', async () => {
  const end = () => cancelled('bob', 'sub', { at: '2026-03-15T00:00:00Z' })
  const first = await openShop()
  await first.handle(end())
  await first.handle(march(), april())
  expect(await left(first)).toEqual({ 'march-sub': 200 })

  const late = await openDesk()
  await seedReferrer(late)
  await seedRule(late, monthly)
  await late.handle(april())
  await late.handle(end())
  await late.handle(march())
  await late.handle(registered('bob', { referralCode: 'ann', at: '2026-01-02T00:00:00Z' }))
  expect(await left(late)).toEqual({ 'march-sub': 200 })

  const mixed = await openShop()
  await mixed.handle(end(), april(), march())
  expect(await left(mixed)).toEqual({ 'march-sub': 200, 'april-sub': 0 })
})

test('the earliest cancellation counts, and one that is not the earliest is known', async () => {
  const desk = await openShop()
  await desk.handle(march(), april())
  const late = cancelled('bob', 'sub', { at: '2026-05-01T00:00:00Z' })
  const middle = cancelled('bob', 'sub', { at: '2026-03-15T00:00:00Z' })
  const early = cancelled('bob', 'sub', { at: '2026-02-01T00:00:00Z' })
  expect(await desk.handle(middle, late, middle)).toEqual([
    { kind: 'done' },
    { kind: 'ignored', reason: 'subscription_already_cancelled' },
    { kind: 'ignored', reason: 'already_decided' },
  ])
  expect(await left(desk)).toEqual({ 'march-sub': 200, 'april-sub': 0 })
  await desk.handle(early)
  expect(await left(desk)).toEqual({ 'march-sub': 0, 'april-sub': 0 })
  expect(await desk.rows('select about, count(*)::int as n from facts group by about')).toEqual([
    { about: 'sub', n: 3 },
  ])
})

test("rewards of rules that do not recur stay, and so do another customer's", async () => {
  const desk = await openShop({})
  await desk.handle(march())
  await desk.handle(cancelled('bob', 'sub', { at: '2026-01-15T00:00:00Z' }))
  expect(await left(desk)).toEqual({ 'march-sub': 200 })
  const other = await openShop()
  await other.handle(march())
  await other.handle(cancelled('carl', 'sub', { at: '2026-01-15T00:00:00Z' }))
  expect(await left(other)).toEqual({ 'march-sub': 200 })
})

test('a cancellation waits for a payment of the same customer that is being decided', async () => {
  const desk = await openShop()
  const payment = await desk.db.transaction()
  await desk.handleIn(payment, april())
  let isDone = false
  const ended = desk.handle(cancelled('bob', 'sub', { at: '2026-03-15T00:00:00Z' })).then(() => {
    isDone = true
  })
  await until('the cancellation to wait', async () => {
    const waiting = await desk.rows(
      'select from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()',
    )
    return waiting.length > 0
  })
  expect(isDone).toBe(false)
  await payment.commit()
  await ended
  expect(await left(desk)).toEqual({ 'april-sub': 0 })
})
