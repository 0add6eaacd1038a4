import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { openDesk, paid, registered, seedReferrer, seedRule } from './desk.ts'

const reasons = (outcomes: readonly { kind: string; reason?: string }[]) =>
  outcomes.map((one) => one.reason ?? one.kind)

test('a registration with a code makes a user and a referral, and earns both sides what the rules say', async () => {
  const desk = await openDesk()
  const referrer = await seedReferrer(desk)
  const fixed = (amount: number) => ({
    eventType: 'user.registered',
    reward: { kind: 'fixed', amount, currency: 'USD' },
  })
  await seedRule(desk, fixed(1000))
  await seedRule(desk, { ...fixed(300), beneficiary: 'referee', holdingDays: 14 })
  const event = registered('bob', { referralCode: ' Ann ', at: '2026-05-01T08:00:00Z' })
  await desk.handle(event)

  const [bob] = await desk.rows<{ id: string }>(`select id from users where external_id = 'bob'`)
  expect((await desk.said()).map(({ type, data }) => [type, data])).toMatchObject([
    ['member.created', { userId: bob!.id, externalUserId: 'bob' }],
    ['referral.created', { referrerId: referrer, refereeId: bob!.id, code: 'ann' }],
    ['reward.earned', { userId: referrer, amount: 1000, cause: 'registration:bob', dueAt: '2026-05-01T08:00:00.000Z' }],
    ['reward.earned', { userId: bob!.id, amount: 300, cause: 'registration:bob', dueAt: '2026-05-15T08:00:00.000Z' }],
    [
      'decision.recorded',
      { eventId: event.subject, outcome: 'processed', rewardIds: [expect.any(String), expect.any(String)] },
    ],
  ])
})

test('the first referral stays; a second registration changes nothing, unless it brings the first code', async () => {
  const desk = await openDesk()
  const ann = await seedReferrer(desk, 'ann')
  await seedReferrer(desk, 'eve')
  await seedRule(desk, { eventType: 'user.registered', reward: { kind: 'fixed', amount: 1000, currency: 'USD' } })
  const outcomes = await desk.handle(
    registered('bob'),
    registered('bob'),
    registered('bob', { referralCode: 'ann', email: 'bob@example.com' }),
    registered('bob', { referralCode: 'eve' }),
  )
  expect(reasons(outcomes)).toEqual(['done', 'user_already_registered', 'done', 'user_already_registered'])
  expect(await desk.rows('select referrer_id, state from referrals')).toEqual([
    { referrer_id: ann, state: 'registered' },
  ])
  expect((await desk.said('reward.earned')).map(({ data }) => data.userId)).toEqual([ann])
  expect(await desk.rows(`select email from users where external_id = 'bob'`)).toEqual([{ email: 'bob@example.com' }])
  expect(await desk.said('member.created')).toHaveLength(1)
})

test('nobody refers themselves: the referral is kept as rejected and no payment earns by it', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  await desk.handle(
    registered('referrer-ann', { referralCode: 'ann' }),
    registered('ann-again', { referralCode: 'ann', email: 'ANN@example.com' }),
    registered('bob', { referralCode: 'nobody' }),
  )
  expect(await desk.rows('select state, reason from referrals')).toEqual([
    { state: 'rejected', reason: 'self_referral' },
    { state: 'rejected', reason: 'self_referral' },
  ])
  expect(await desk.said('referral.created')).toEqual([])
  // Known by the API, with the code owner's address; the registration need not tell it again.
  await desk.rows(
    `insert into users (id, external_id, email, created_at) values (?, 'ann-by-api', 'ann@example.com', now())`,
    v7(),
  )
  await desk.handle(registered('ann-by-api', { referralCode: 'ann' }))
  expect(await desk.rows(`select count(*)::int as n from referrals where state = 'rejected'`)).toEqual([{ n: 3 }])
  const outcomes = await desk.handle(
    paid('referrer-ann', 'inv-1', 1000),
    paid('ann-again', 'inv-2', 1000),
    paid('bob', 'inv-3', 1000),
  )
  expect(reasons(outcomes)).toEqual(['referral_rejected', 'referral_rejected', 'no_referral'])
  const traces = await desk.rows<{ trace: { registration: object } }>(
    `select trace from decisions where type = 'user.registered' order by event_id`,
  )
  expect(traces.map(({ trace }) => trace.registration)).toEqual([
    { isFirst: true, referral: 'rejected', reason: 'self_referral' },
    { isFirst: true, referral: 'rejected', reason: 'self_referral' },
    { isFirst: true, referral: 'none', reason: 'code_unknown' },
    { isFirst: true, referral: 'rejected', reason: 'self_referral' },
  ])
})

test('what one batch tells of a known user in two registrations is kept, both', async () => {
  const desk = await openDesk()
  await desk.handle(registered('bob'))
  await desk.handle(
    registered('bob', { email: 'bob@example.com' }),
    registered('bob', { name: 'Bob' }),
    registered('bob', { email: 'other@example.com', name: 'Other' }),
  )
  expect(await desk.rows(`select email, name from users where external_id = 'bob'`)).toEqual([
    { email: 'bob@example.com', name: 'Bob' },
  ])
})
