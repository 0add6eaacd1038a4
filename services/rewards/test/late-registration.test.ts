import { setTimeout as sleep } from 'node:timers/promises'
import { inTransaction } from '@tributary/database'
import { expect, test } from 'vitest'
import { custom, type Desk, openDesk, paid, refunded, registered, seedReferrer, seedRule } from './desk.ts'

test('a payment before its registration is rewarded by it, as of when it happened, and its event gets a second answer', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk, { holdingDays: 3 })
  const payment = paid('bob', 'inv-1', 1000, { at: '2026-05-02T00:00:00Z' })
  const refund = refunded('inv-1', 'r-1', 500)
  await desk.handle(payment, paid('bob', 'inv-1', 1000))
  expect(await desk.handle(refund)).toEqual([{ kind: 'ignored', reason: 'not_registered_yet' }])
  const registration = registered('bob', { referralCode: 'ann' })
  await desk.handle(registration)

  const [earned] = await desk.said('reward.earned')
  expect(earned).toMatchObject({
    correlationId: payment.subject,
    causationId: registration.subject,
    time: new Date('2026-05-02T00:00:00Z'),
    data: { amount: 200, dueAt: '2026-05-05T00:00:00.000Z' },
  })
  expect((await desk.said('reward.reversed')).map(({ data }) => data.amount)).toEqual([100])
  const answers = (await desk.said('decision.recorded')).map(({ data }) => [data.eventId, data.revision, data.outcome])
  expect(answers).toEqual(
    expect.arrayContaining([
      [payment.subject, 1, 'ignored'],
      [payment.subject, 2, 'processed'],
      [refund.subject, 2, 'processed'],
      [registration.subject, 1, 'processed'],
    ]),
  )
  expect(await desk.rows('select * from waiting_events')).toEqual([])
})

test('custom events wait too; without a referral the second answer says so', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk, { eventType: 'course.completed', reward: { kind: 'fixed', amount: 300, currency: 'USD' } })
  const bobs = custom('course.completed', 'bob')
  const eves = custom('course.completed', 'eve')
  await desk.handle(bobs, eves, custom('course.started', 'bob'))
  await desk.handle(registered('bob', { referralCode: 'ann' }), registered('eve'))
  expect((await desk.said('reward.earned')).map(({ data }) => [data.cause, data.amount])).toEqual([
    [`webhook:standard:${bobs.subject}`, 300],
  ])
  const [eve] = await desk.rows(
    'select outcome, reason from decisions where event_id = ? and revision = 2',
    eves.subject,
  )
  expect(eve).toEqual({ outcome: 'ignored', reason: 'no_referral' })
})

test('what is too much for one registration is settled by the job', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  const payments = Array.from({ length: 1_100 }, (_, index) => paid('bob', `inv-${index}`, 1000))
  await desk.handle(...payments)
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  const rewards = async () => (await desk.rows<{ n: number }>('select count(*)::int as n from rewards'))[0]!.n
  expect(await rewards()).toBe(1_000)
  while (await desk.work('settle-waiting-events'));
  expect(await rewards()).toBe(1_100)
  expect((await desk.said('referral.converted')).length).toBe(1)
})

/** Runs both at once, each on a connection of its own, so that neither has committed before the other begins. */
async function race(desk: Desk, first: Parameters<Desk['handle']>, second: Parameters<Desk['handle']>): Promise<void> {
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
  const run = (own: 0 | 1, events: Parameters<Desk['handle']>) =>
    inTransaction(desk.db, async (tx) => {
      await tx.raw('select 1')
      begun[own].resolve()
      await begun[own === 0 ? 1 : 0].promise
      // Now the one and now the other comes first to the anchor.
      await sleep(Math.random() * 3)
      await desk.handleIn(tx, ...events)
      await sleep(Math.random() * 3)
    })
  await Promise.all([run(0, first), run(1, second)])
}

test('registration and payment handled at the same instant on two connections give exactly one reward', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  const tags = Array.from({ length: 80 }, (_, index) => `bob-${index}`)
  // Half of them are known already, from a payment long ago: then they meet on a row that is there, not on making it.
  const known = tags.filter((_, index) => index % 4 < 2)
  await desk.handle(...known.map((tag) => paid(tag, `old-${tag}`, 1000)))
  for (const [index, tag] of tags.entries()) {
    const registration = [registered(tag, { referralCode: 'ann' })]
    const payment = [paid(tag, `inv-${tag}`, 1000)]
    await (index % 2 === 0 ? race(desk, registration, payment) : race(desk, payment, registration))
  }
  const rewards = await desk.rows<{ cause: string }>('select cause from rewards')
  const due = [...tags.map((tag) => `invoice:inv-${tag}`), ...known.map((tag) => `invoice:old-${tag}`)]
  expect(rewards.map(({ cause }) => cause).sort()).toEqual(due.sort())
  expect(await desk.rows('select * from waiting_events')).toEqual([])
  const [waited] = await desk.rows<{ n: number }>('select count(*)::int as n from decisions where revision = 2')
  // Both histories happened, or the race was none.
  expect(waited!.n - known.length).toBeGreaterThan(0)
  expect(waited!.n - known.length).toBeLessThan(tags.length)
})

test('a refund and its payment handled at the same instant end as one after the other', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  const tags = Array.from({ length: 60 }, (_, index) => `bob-${index}`)
  const known = tags.filter((_, index) => index % 2 === 0)
  await desk.handle(...tags.map((tag) => registered(tag, { referralCode: 'ann' })))
  await desk.handle(...known.map((tag) => refunded(`inv-${tag}`, 'r-old', 100)))
  for (const tag of tags) await race(desk, [paid(tag, `inv-${tag}`, 1000)], [refunded(`inv-${tag}`, 'r', 500)])
  const rows = await desk.rows(
    'select granted::int, reversed::int, count(*)::int as n from rewards group by 1, 2 order by 2',
  )
  expect(rows).toEqual([
    { granted: 200, reversed: 100, n: tags.length - known.length },
    { granted: 200, reversed: 120, n: known.length },
  ])
  expect(await desk.rows('select * from refunds where waits')).toEqual([])
})

test('the same payment handled twice at the same instant is rewarded once', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  for (let index = 0; index < 30; index++) {
    const invoice = `inv-${index}`
    await race(desk, [paid('bob', invoice, 1000)], [paid('bob', invoice, 1000)])
  }
  expect(await desk.rows('select count(*)::int as n from rewards')).toEqual([{ n: 30 }])
})
