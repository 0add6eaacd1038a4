import { expect, test } from 'vitest'
import { openDesk, paid, registered, seedReferrer, seedRule } from './desk.ts'

test('a payment by a referred customer earns the referrer a share, and says why', async () => {
  const desk = await openDesk()
  const referrer = await seedReferrer(desk)
  const ruleId = await seedRule(desk)
  await desk.handle(registered('bob', { referralCode: 'ANN', at: '2026-05-01T00:00:00Z' }))
  const payment = paid('bob', 'inv-1', 4999)
  const [outcome] = await desk.handle(payment)

  expect(outcome).toEqual({ kind: 'done' })
  const [earned] = await desk.said('reward.earned')
  expect(earned).toMatchObject({
    correlationId: payment.subject,
    causationId: payment.subject,
    time: new Date(payment.time),
    data: { userId: referrer, amount: 999, currency: 'USD', beneficiary: 'referrer', ruleId, cause: 'invoice:inv-1' },
  })
  expect((await desk.said('referral.%')).map(({ type }) => type)).toEqual(['referral.created', 'referral.converted'])
  const decisions = await desk.said('decision.recorded')
  expect(decisions.at(-1)!.data).toMatchObject({
    eventId: payment.subject,
    outcome: 'processed',
    reason: null,
    rewardIds: [earned!.data.rewardId],
    revision: 1,
  })
  const [row] = await desk.rows<{ trace: unknown }>('select trace from decisions where event_id = ?', payment.subject)
  expect(row!.trace).toMatchObject({
    rules: [{ ruleId, version: 1, reason: null, amount: 999, conditions: [{ condition: 'currency', met: true }] }],
  })
})

test('every event of a batch gets its answer: earned, not registered, not referred, known, in conflict', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  await desk.handle(registered('bob', { referralCode: 'ann' }), registered('eve'))
  const outcomes = await desk.handle(
    paid('bob', 'inv-1', 1000),
    paid('zoe', 'inv-2', 1000),
    paid('eve', 'inv-3', 1000),
    paid('bob', 'inv-1', 1000),
    paid('bob', 'inv-1', 1001),
    paid('bob', 'inv-4', 1000, { currency: 'EUR' }),
    paid('bob', 'inv-5', 4),
  )
  expect(outcomes.map((outcome) => ('reason' in outcome ? outcome.reason : outcome.kind))).toEqual([
    'done',
    'not_registered_yet',
    'no_referral',
    'invoice_already_known',
    'invoice_conflict',
    'currency_mismatch',
    'amount_too_small',
  ])
  expect(await desk.said('decision.recorded')).toHaveLength(9)
  expect(await desk.said('reward.earned')).toHaveLength(1)
})

test('an event published again after it was decided changes nothing and says nothing', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  const payment = paid('bob', 'inv-1', 1000)
  await desk.handle(payment)
  const before = await desk.said()
  expect(await desk.handle(payment, payment)).toEqual([
    { kind: 'ignored', reason: 'already_decided' },
    { kind: 'ignored', reason: 'already_decided' },
  ])
  expect(await desk.said()).toEqual(before)
})

test('the rule that counts is the one of the time the payment happened', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  const ruleId = await seedRule(desk)
  await desk.rows(`update rule_versions set state = 'retired', active_to = '2026-03-01' where rule_id = ?`, ruleId)
  await desk.rows(
    `insert into rule_versions (rule_id, version, event_type, definition, state, created_at, created_by, active_from)
     select rule_id, 2, event_type, jsonb_set(definition, '{reward,basisPoints}', '500'), 'active', now(), 'test', '2026-03-01'
     from rule_versions where rule_id = ?`,
    ruleId,
  )
  await desk.handle(registered('bob', { referralCode: 'ann', at: '2026-01-01T00:00:00Z' }))
  await desk.handle(
    paid('bob', 'inv-2', 1000, { at: '2026-03-01T00:00:00Z' }),
    paid('bob', 'inv-1', 1000, { at: '2026-02-28T23:59:59Z' }),
    paid('bob', 'inv-0', 1000, { at: '2025-12-31T23:59:59Z' }),
  )
  const rows = await desk.rows('select cause, rule_version, granted::int from rewards order by cause')
  expect(rows).toEqual([
    { cause: 'invoice:inv-1', rule_version: 1, granted: 200 },
    { cause: 'invoice:inv-2', rule_version: 2, granted: 50 },
  ])
  const [early] = await desk.rows<{ reason: string }>(
    `select reason from decisions where happened_at < '2026-01-01' and type = 'subscription.paid'`,
  )
  expect(early!.reason).toBe('rule_not_active')
})
