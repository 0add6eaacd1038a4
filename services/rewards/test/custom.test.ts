import { expect, test } from 'vitest'
import { custom, openDesk, registered, seedReferrer, seedRule } from './desk.ts'

const reasons = (outcomes: readonly { kind: string; reason?: string }[]) =>
  outcomes.map((one) => one.reason ?? one.kind)

test("an event of the app's own making earns what the rules for its type say, once", async () => {
  const desk = await openDesk()
  const referrer = await seedReferrer(desk)
  await seedRule(desk, { eventType: 'course.completed' })
  await seedRule(desk, {
    eventType: 'course.completed',
    beneficiary: 'referee',
    reward: { kind: 'fixed', amount: 100, currency: 'USD' },
  })
  await desk.handle(registered('bob', { referralCode: 'ann' }), registered('eve'))
  const withAmount = custom('course.completed', 'bob', { amount: 1000, currency: 'USD', grade: 'A' })
  const without = custom('course.completed', 'bob')
  const outcomes = await desk.handle(
    withAmount,
    without,
    custom('course.completed', 'bob', { amount: 1000, currency: 'EUR' }),
    custom('course.started', 'bob'),
    custom('course.completed', 'eve'),
    withAmount,
  )
  expect(reasons(outcomes)).toEqual(['done', 'done', 'currency_mismatch', 'no_rule', 'no_referral', 'already_decided'])
  const earned = (await desk.said('reward.earned')).map(({ data }) => [data.cause, data.beneficiary, data.amount])
  expect(earned).toEqual([
    [`webhook:standard:${withAmount.subject}`, 'referrer', 200],
    [`webhook:standard:${withAmount.subject}`, 'referee', 100],
    // No amount to take a share of; the fixed sum needs none.
    [`webhook:standard:${without.subject}`, 'referee', 100],
  ])
  expect(await desk.rows('select count(*)::int as n from rewards where user_id = ?', referrer)).toEqual([{ n: 1 }])
})
