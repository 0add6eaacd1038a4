import type { Envelope } from '@tributary/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Desk, endState, openDesk, paid, refunded, registered, screened, seedReferrer, seedRule } from './desk.ts'

const reasons = (outcomes: readonly { kind: string; reason?: string }[]) =>
  outcomes.map((one) => one.reason ?? one.kind)

async function openShop(): Promise<Desk> {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  await seedRule(desk, { beneficiary: 'referee', reward: { kind: 'fixed', amount: 500, currency: 'USD' } })
  return desk
}

test('partial refunds take back what the total asks for, each once, and never more than was granted', async () => {
  const desk = await openShop()
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  await desk.handle(paid('bob', 'inv-1', 999))
  const first = refunded('inv-1', 'r-1', 333)
  expect(reasons(await desk.handle(first, refunded('inv-1', 'r-1', 333), refunded('inv-1', 'r-1', 334)))).toEqual([
    'done',
    'refund_already_known',
    'refund_conflict',
  ])
  // 20 % of 666 is 133.2: 133 are kept of 199. A fixed 500 shrinks to 500 * 666 / 999 = 333.
  expect(await endState(desk)).toMatchObject([
    { beneficiary: 'referee', granted: 500, reversed: 167 },
    { beneficiary: 'referrer', granted: 199, reversed: 66 },
  ])
  const reversals = await desk.said('reward.reversed')
  expect(reversals.map(({ data, correlationId }) => [data.amount, data.reason, correlationId])).toEqual(
    expect.arrayContaining([
      [66, 'payment_refunded', first.subject],
      [167, 'payment_refunded', first.subject],
    ]),
  )
  expect(
    reasons(
      await desk.handle(
        refunded('inv-1', 'r-2', 100, { currency: 'EUR' }),
        refunded('inv-1', 'r-3', 5000),
        refunded('inv-1', 'r-4', 1),
      ),
    ),
  ).toEqual(['currency_mismatch', 'done', 'refunded_already'])
  expect(await endState(desk)).toMatchObject([
    { granted: 500, reversed: 500, moved: 0 },
    { granted: 199, reversed: 199, moved: 0 },
  ])
  const [capped] = await desk.rows<{ trace: { capped: boolean } }>(
    `select trace from decisions where type = 'payment.refunded' and outcome = 'processed' order by event_id desc limit 1`,
  )
  expect(capped!.trace.capped).toBe(true)
})

test('a refund before its payment counts when the payment arrives, and its event gets a second answer', async () => {
  const desk = await openShop()
  const refund = refunded('inv-1', 'r-1', 500)
  const foreign = refunded('inv-1', 'r-2', 500, { currency: 'EUR' })
  expect(reasons(await desk.handle(refund, foreign))).toEqual(['payment_not_seen_yet', 'payment_not_seen_yet'])
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  await desk.handle(paid('bob', 'inv-1', 1000))
  expect(await endState(desk)).toMatchObject([
    { beneficiary: 'referee', granted: 500, reversed: 250 },
    { beneficiary: 'referrer', granted: 200, reversed: 100 },
  ])
  const answers = await desk.rows(
    'select revision, outcome, reason, cardinality(reward_ids) as rewards from decisions where event_id = any(?) order by event_id, revision',
    [refund.subject, foreign.subject],
  )
  expect(answers).toEqual([
    { revision: 1, outcome: 'ignored', reason: 'payment_not_seen_yet', rewards: 0 },
    { revision: 2, outcome: 'processed', reason: null, rewards: 2 },
    { revision: 1, outcome: 'ignored', reason: 'payment_not_seen_yet', rewards: 0 },
    { revision: 2, outcome: 'ignored', reason: 'currency_mismatch', rewards: 0 },
  ])
  expect((await desk.said('reward.reversed'))[0]!.correlationId).toBe(refund.subject)
})

test('a refund after the release takes back what was released', async () => {
  const desk = await openShop()
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  await desk.handle(paid('bob', 'inv-1', 1000))
  for (const { data } of await desk.said('reward.earned'))
    await desk.handle(screened(data.rewardId as string, 'passed'))
  await desk.work('release-matured-rewards')
  expect(new Set((await desk.said('reward.released')).map(({ data }) => data.amount))).toEqual(new Set([200, 500]))
  await desk.handle(refunded('inv-1', 'r-1', 1000))
  expect(await endState(desk)).toMatchObject([
    { granted: 500, reversed: 500, released: true },
    { granted: 200, reversed: 200, released: true },
  ])
})

test('payment, registration and refunds end in the same state, in whatever order and batches they arrive', async () => {
  const desk = await openShop()
  let invoice = 0
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5000 }),
      fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 4 }),
      fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
      async (amount, refunds, keys) => {
        const tags = [`${++invoice}`, `${++invoice}`]
        const states = await Promise.all(
          tags.map(async (tag, at) => {
            const events: Envelope[] = [
              registered(`bob-${tag}`, { referralCode: 'ann' }),
              paid(`bob-${tag}`, `inv-${tag}`, amount),
              paid(`bob-${tag}`, `inv-${tag}`, amount),
              ...refunds.map((refund, index) => refunded(`inv-${tag}`, `r-${index}`, refund)),
              ...refunds.slice(0, 1).map((refund) => refunded(`inv-${tag}`, 'r-0', refund)),
            ]
            const order =
              at === 0
                ? events
                : events.toSorted((one, other) => keys[events.indexOf(one)]! - keys[events.indexOf(other)]!)
            for (const batch of batchesOf(order)) await desk.handle(...batch)
            const rows = (await endState(desk)) as { cause: string }[]
            const own = rows.filter(({ cause }) => cause === `invoice:inv-${tag}`)
            const waiting = await desk.rows(
              `select (select count(*) from waiting_events where external_user_id = ?)
                 + (select count(*) from refunds where invoice_id = ? and waits) as n`,
              `bob-${tag}`,
              `inv-${tag}`,
            )
            return [own.map((row) => ({ ...row, cause: '' })), waiting]
          }),
        )
        expect(states[1]).toEqual(states[0])
      },
    ),
    { numRuns: 25 },
  )
})

/** Neighbours of one type go together, as the library batches them. */
function batchesOf(events: readonly Envelope[]): Envelope[][] {
  const batches: Envelope[][] = []
  for (const event of events) {
    const last = batches.at(-1)
    if (last && last[0]!.type === event.type) last.push(event)
    else batches.push([event])
  }
  return batches
}
