import { expect, test } from 'vitest'
import { type ReferralState, referralTransitions } from '../src/domain/referral.ts'
import { openCounter } from './counter.ts'
import { openDesk, paid, registered, seedReferrer, seedRule, seedSettings } from './desk.ts'

const states = Object.keys(referralTransitions) as ReferralState[]

test('the database lets a referral become what the domain says, and nothing else', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  const seen: Record<string, string[]> = {}
  for (const from of states) {
    seen[from] = []
    for (const to of states.filter((state) => state !== from)) {
      const customer = `${from}-${to}`
      await desk.handle(registered(customer, { referralCode: 'ann' }))
      const set = (state: string) =>
        desk.rows(
          `update referrals set state = ?, reason = case when ? = 'rejected' then 'x' end,
             expired_at = case when ? = 'expired' then now() end
           from users where users.id = referee_id and external_id = ?`,
          state,
          state,
          state,
          customer,
        )
      if (from !== 'registered') await set(from)
      await set(to).then(
        () => seen[from]!.push(to),
        () => undefined,
      )
    }
  }
  expect(seen).toEqual(referralTransitions)
})

test('a referral whose customer does not pay in time expires, and a payment afterwards earns nothing', async () => {
  const desk = await openDesk()
  await seedSettings(desk, { paymentDays: 60 })
  await seedReferrer(desk)
  await seedRule(desk)
  await desk.handle(registered('bob', { referralCode: 'ann', at: '2026-04-01T00:00:00Z' }))
  await desk.handle(registered('eve', { referralCode: 'ann', at: '2026-04-01T00:00:00Z' }))
  await desk.handle(registered('new', { referralCode: 'ann', at: '2026-05-01T00:00:00Z' }))
  await desk.handle(paid('eve', 'inv-1', 1000, { at: '2026-04-02T00:00:00Z' }))
  // 60 days after the registration, at the instant itself, it stands.
  desk.setNow(new Date('2026-05-31T00:00:00Z'))
  expect(await desk.work('expire-referrals')).toBe(false)
  const statesOf = () =>
    desk.rows('select external_id, state from referrals join users on users.id = referee_id order by external_id')
  expect(await statesOf()).toContainEqual({ external_id: 'bob', state: 'registered' })
  desk.setNow(new Date('2026-05-31T00:00:00.001Z'))
  await desk.work('expire-referrals')
  expect(await statesOf()).toEqual([
    { external_id: 'bob', state: 'expired' },
    { external_id: 'eve', state: 'converted' },
    { external_id: 'new', state: 'registered' },
  ])
  const [told] = await desk.said('referral.expired')
  expect(told).toMatchObject({ time: new Date('2026-05-31T00:00:00Z'), data: { code: 'ann' } })
  const [outcome] = await desk.handle(paid('bob', 'inv-2', 1000))
  expect(outcome).toMatchObject({ kind: 'ignored', reason: 'referral_expired' })
})

test('a payment that happened in time converts, whether the job comes before, after or at the same instant', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  await seedSettings(desk, { paymentDays: 60 })
  desk.setNow(new Date('2026-06-15T00:00:00Z'))
  for (let round = 0; round < 8; round++) {
    const customer = `bob-${round}`
    const [inTime, tooLate] = ['2026-05-31T00:00:00Z', '2026-05-31T00:00:00.001Z']
    await desk.handle(registered(customer, { referralCode: 'ann', at: '2026-04-01T00:00:00Z' }))
    const payment = paid(customer, `inv-${round}`, 1000, { at: round % 2 === 0 ? inTime : tooLate })
    await Promise.all([desk.handle(payment), desk.work('expire-referrals')])
  }
  await desk.work('expire-referrals')
  const ends = await desk.rows(
    `select state, count(rewards.id)::int as rewards, count(*)::int as n
     from referrals left join rewards on referral_id = referrals.id group by state order by state`,
  )
  expect(ends).toEqual([
    { state: 'converted', rewards: 4, n: 4 },
    { state: 'expired', rewards: 0, n: 4 },
  ])
})

test('a person may say who brought a customer, once, with a reason, and it counts from then on', async () => {
  const counter = await openCounter()
  const desk = await openDesk(counter.service.database)
  await seedRule(desk)
  const create = async (externalId: string, email = `${externalId}@example.com`) =>
    (await counter.ask('POST', '/api/v1/users', { externalId, email })).body.id
  const [ann, bob, twin] = [await create('ann'), await create('bob'), await create('ann-2', 'ANN@example.com')]
  await counter.ask('POST', `/api/v1/users/${ann}/referral-codes`, { code: 'ann' })
  const ask = (body: object) => counter.ask('POST', '/api/v1/referrals', body)
  const reason = 'told us by phone'

  for (const [body, status, code] of [
    [{ refereeId: bob, referrerId: ann }, 422, 'payload_invalid'],
    [{ refereeId: bob, reason }, 422, 'payload_invalid'],
    [{ refereeId: bob, referrerId: ann, code: 'ann', reason }, 422, 'payload_invalid'],
    [{ refereeId: bob, code: 'nobody', reason }, 404, 'not_found'],
    [{ refereeId: '01900000-0000-7000-8000-000000000000', code: 'ann', reason }, 404, 'not_found'],
    [{ refereeId: ann, code: 'ann', reason }, 409, 'referral_conflict'],
    [{ refereeId: twin, code: 'ann', reason }, 409, 'referral_conflict'],
  ] as const) {
    expect(await ask(body), JSON.stringify(body)).toMatchObject({ status, body: { code } })
  }
  const made = await Promise.all([
    ask({ refereeId: bob, code: 'ANN', reason }),
    ask({ refereeId: bob, code: 'ann', reason }),
  ])
  expect(made.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([201, 409])
  const referral = {
    referrerId: ann,
    refereeId: bob,
    code: 'ann',
    status: 'registered',
    source: 'person',
    note: reason,
    doneBy: expect.stringMatching(/^client:/),
  }
  expect((await counter.ask('GET', `/api/v1/referrals?refereeId=${bob}&source=person`)).body.items).toMatchObject([
    referral,
  ])
  expect((await counter.ask('GET', `/api/v1/referrals?referrerId=${bob}`)).body.items).toEqual([])
  expect(await desk.said('referral.created')).toHaveLength(1)

  // A registration afterwards finds them brought already; their payment is rewarded.
  const [outcome] = await desk.handle(registered('bob', { referralCode: 'ann' }))
  expect(outcome).toMatchObject({ reason: 'user_already_registered' })
  await desk.handle(paid('bob', 'inv-1', 1000))
  expect((await desk.said('reward.earned')).map(({ data }) => data.userId)).toEqual([ann])
})
