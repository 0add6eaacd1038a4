import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openCounter } from './counter.ts'
import {
  custom,
  type Desk,
  openDesk,
  paid,
  refunded,
  registered,
  seedReferrer,
  seedRule,
  seedSettings,
} from './desk.ts'

type Step = 'registration' | 'in time' | 'too late' | 'too late custom' | 'refund' | 'job'

/** 60 days after the registration of 1 April. */
const [lastInstant, after] = ['2026-05-31T00:00:00.000Z', '2026-05-31T00:00:00.001Z']

async function openShop(): Promise<Desk> {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  await seedRule(desk, { eventType: 'course.completed', reward: { kind: 'fixed', amount: 300, currency: 'USD' } })
  await seedSettings(desk, { paymentDays: 60 })
  desk.setNow(new Date('2026-06-15T00:00:00Z'))
  return desk
}

/** Plays the steps in this order, lets the jobs finish, and answers what became of the customer. */
async function play(desk: Desk, tag: string, steps: readonly Step[]): Promise<unknown> {
  const bob = `bob-${tag}`
  const events = {
    registration: () => registered(bob, { referralCode: 'ann', at: '2026-04-01T00:00:00Z' }),
    'in time': () => paid(bob, `first-${tag}`, 1000, { at: lastInstant }),
    'too late': () => paid(bob, `later-${tag}`, 2000, { at: after }),
    'too late custom': () => custom('course.completed', bob, {}, { at: after }),
    refund: () => refunded(`later-${tag}`, 'r-1', 500, { at: after }),
  }
  for (const step of [...steps, 'job' as const]) {
    if (step === 'job') await desk.work('expire-referrals')
    else await desk.handle(events[step]())
  }
  while (await desk.work('settle-waiting-events'));
  return {
    referral: await desk.rows(
      'select state, converted_at from referrals join users on users.id = referee_id where external_id = ?',
      bob,
    ),
    rewards: await desk.rows(
      `select split_part(split_part(rewards.cause, ':', 2), '-', 1) as cause, granted::int, reversed::int from rewards
       join users on users.id = (select referee_id from referrals where referrals.id = referral_id)
       where external_id = ? order by granted`,
      bob,
    ),
    // The answer that counts to each event.
    answers: await desk.rows(
      `select type, outcome, reason from (select distinct on (event_id) * from decisions
         where external_user_id = ? and type <> 'payment.refunded' order by event_id, revision desc) as last
       order by type, happened_at`,
      bob,
    ),
  }
}

test('registration, payments in time and too late, and the job end in the same state in whatever order they come', async () => {
  const desk = await openShop()
  const always: readonly Step[] = ['registration', 'too late', 'too late custom', 'refund', 'job']
  const orders = fc.tuple(fc.boolean(), fc.boolean()).chain(([hasPaid, hasSecondJob]) => {
    const steps: Step[] = [
      ...always,
      ...(hasPaid ? ['in time' as const] : []),
      ...(hasSecondJob ? ['job' as const] : []),
    ]
    return fc.shuffledSubarray(steps, { minLength: steps.length })
  })
  const seen = { converted: new Set<string>(), expired: new Set<string>() }
  let run = 0
  await fc.assert(
    fc.asyncProperty(orders, async (steps) => {
      const kind = steps.includes('in time') ? 'converted' : 'expired'
      const end = await play(desk, String(run++), steps)
      seen[kind].add(JSON.stringify(end))
      expect(end).toMatchObject({ referral: [{ state: kind }] })
    }),
    { numRuns: 24, endOnFailure: true },
  )
  expect([...seen.converted]).toHaveLength(1)
  expect([...seen.expired]).toHaveLength(1)
  const rewards = (of: Set<string>) =>
    (JSON.parse([...of][0]!) as { rewards: { granted: number; reversed: number }[] }).rewards.map(
      ({ granted, reversed }) => granted - reversed,
    )
  // 20 % of 1000, a fixed 300, and 20 % of 2000 less what the refund of a quarter took back.
  expect(rewards(seen.converted)).toEqual([200, 300, 300])
  expect(rewards(seen.expired)).toEqual([])
})

test('what was too late waits without being looked at again, and is decided once the referral converts after all', async () => {
  const desk = await openShop()
  await desk.handle(registered('bob', { referralCode: 'ann', at: '2026-04-01T00:00:00Z' }))
  const late = paid('bob', 'inv-2', 1000, { at: after })
  expect(await desk.handle(late)).toMatchObject([{ kind: 'ignored', reason: 'referral_expired' }])
  await desk.work('expire-referrals')
  expect(await desk.work('settle-waiting-events')).toBe(false)
  expect(await desk.said('referral.expired')).toHaveLength(1)

  await desk.handle(paid('bob', 'inv-1', 1000, { at: lastInstant }))
  expect(await desk.said('referral.converted')).toHaveLength(1)
  while (await desk.work('settle-waiting-events'));
  const answers = (await desk.said('decision.recorded')).filter(({ data }) => data.eventId === late.subject)
  expect(answers.map(({ data }) => [data.revision, data.outcome])).toEqual([
    [1, 'ignored'],
    [2, 'processed'],
  ])
  expect(await desk.rows('select * from waiting_events')).toEqual([])
  // Once converted, it is open for good.
  expect(await desk.handle(paid('bob', 'inv-3', 1000, { at: '2026-06-10T00:00:00Z' }))).toMatchObject([
    { kind: 'done' },
  ])
})

test('said late, a referral earns by what happens from then on, in whatever order that is told', async () => {
  const counter = await openCounter()
  const desk = await openDesk(counter.service.database)
  await seedReferrer(desk)
  await seedRule(desk)
  const [before, since] = ['2026-05-01T00:00:00Z', '2026-05-03T00:00:00Z']
  for (const isToldFirst of [true, false]) {
    const bob = `bob-${isToldFirst}`
    await desk.handle(registered(bob, { at: '2026-04-01T00:00:00Z' }))
    const earlier = () => desk.handle(paid(bob, `inv-1-${bob}`, 1000, { at: before }))
    const again = () =>
      desk.handle(registered(bob, { touches: [{ code: 'ann', at: before }], at: '2026-05-02T00:00:00Z' }))
    if (isToldFirst) expect(await earlier()).toMatchObject([{ reason: 'no_referral' }])
    expect(await again()).toMatchObject([{ kind: 'done' }])
    if (!isToldFirst) expect(await earlier()).toMatchObject([{ reason: 'before_referral' }])
    await desk.handle(paid(bob, `inv-2-${bob}`, 1000, { at: since }))
  }
  const rows = await desk.rows('select cause, granted::int from rewards order by cause')
  expect(rows).toEqual([
    { cause: 'invoice:inv-2-bob-false', granted: 200 },
    { cause: 'invoice:inv-2-bob-true', granted: 200 },
  ])
  expect(await desk.rows('select distinct is_late from referrals')).toEqual([{ is_late: true }])

  // By hand, after a payment: the same.
  await desk.handle(registered('eve', { at: before }), paid('eve', 'inv-eve', 1000, { at: before }))
  const [eve] = await desk.rows<{ id: string }>(`select id from users where external_id = 'eve'`)
  const made = await counter.ask('POST', '/api/v1/referrals', { refereeId: eve!.id, code: 'ann', reason: 'by phone' })
  expect(made).toMatchObject({ status: 201, body: { isLate: true } })
  expect(await desk.handle(paid('eve', 'inv-eve-2', 1000, { at: since }))).toMatchObject([
    { reason: 'before_referral' },
  ])
  const soon = new Date(Date.now() + 60_000).toISOString()
  expect(await desk.handle(paid('eve', 'inv-eve-3', 1000, { at: soon }))).toMatchObject([{ kind: 'done' }])
})

test('registration with touches, attribution by hand and the job at the same instant leave one referral that adds up', async () => {
  const counter = await openCounter()
  const desk = await openDesk(counter.service.database)
  const other = await openDesk(counter.service.database)
  await seedReferrer(desk, 'ann')
  await seedReferrer(desk, 'eve')
  await seedRule(desk)
  await seedSettings(desk, { paymentDays: 60 })
  desk.setNow(new Date('2026-06-15T00:00:00Z'))
  other.setNow(new Date('2026-06-15T00:00:00Z'))
  const outcomes = new Set<string>()
  for (let round = 0; round < 12; round++) {
    const bob = `bob-${round}`
    const { body: user } = await counter.ask('POST', '/api/v1/users', { externalId: bob, email: `${bob}@example.com` })
    const registration = registered(bob, {
      touches: [{ code: 'ann', at: '2026-03-31T00:00:00Z' }],
      at: '2026-04-01T00:00:00Z',
    })
    const [, made] = await Promise.all([
      desk.handle(registration),
      counter.ask('POST', '/api/v1/referrals', { refereeId: user.id, code: 'eve', reason: 'a race' }),
      other.work('expire-referrals'),
      other.handle(paid(bob, `inv-${round}`, 1000, { at: '2026-05-01T00:00:00Z' })),
    ])
    outcomes.add(String(made.status))
  }
  await other.work('expire-referrals')
  while (await other.work('settle-waiting-events'));
  const [sums] = await desk.rows(
    `select count(*)::int as referrals, count(distinct referee_id)::int as referees,
       count(*) filter (where (state = 'converted') <> (rewards.id is not null))::int as wrong
     from referrals left join rewards on rewards.referral_id = referrals.id`,
  )
  expect(sums).toEqual({ referrals: 12, referees: 12, wrong: 0 })
  expect([...outcomes].every((status) => ['201', '409'].includes(status))).toBe(true)
})
