import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { openCounter } from './counter.ts'
import { openDesk, paid, registered, seedReferrer, seedRule, seedSettings } from './desk.ts'

const fixed = { eventType: 'user.registered', reward: { kind: 'fixed', amount: 1000, currency: 'USD' } }
const told = [
  { code: 'Zoe', at: '2026-05-30T12:00:00+02:00' },
  { code: 'ann', at: '2026-05-30T09:00:00Z' },
  { code: 'WHO', at: '2026-05-30T09:30:00Z' },
  { code: 'eve', at: '2026-04-01T00:00:00Z' },
]

test.each([
  ['last', 'zoe'],
  ['first', 'ann'],
] as const)('of the touches that may count the %s earns, and all others are kept with why', async (model, winner) => {
  const counter = await openCounter()
  const desk = await openDesk(counter.service.database)
  const owners: Record<string, string> = {}
  for (const code of ['ann', 'eve', 'zoe']) owners[code] = await seedReferrer(desk, code)
  const ruleId = await seedRule(desk, fixed)
  await seedSettings(desk, { model, touchDays: 30, paymentDays: 60 })
  const event = registered('bob', { touches: told })
  await desk.handle(event)
  expect((await desk.said('reward.earned')).map(({ data }) => data.userId)).toEqual([owners[winner]])

  const { body: list } = await counter.ask('GET', `/api/v1/referrals?referrerId=${owners[winner]}&status=registered`)
  const { body: referral } = await counter.ask('GET', `/api/v1/referrals/${list.items[0]!.id}`)
  expect(referral).toMatchObject({
    code: winner,
    settingsVersion: 1,
    isLate: false,
    expiresAt: '2026-07-30T10:00:00.000Z',
    touches: expect.arrayContaining([
      {
        eventId: event.subject,
        code: 'zoe',
        ownerId: owners.zoe,
        touchedAt: '2026-05-30T10:00:00.000Z',
        outcome: model === 'last' ? 'chosen' : 'later_touch',
      },
      {
        eventId: event.subject,
        code: 'ann',
        ownerId: owners.ann,
        touchedAt: '2026-05-30T09:00:00.000Z',
        outcome: model === 'first' ? 'chosen' : 'earlier_touch',
      },
      {
        eventId: event.subject,
        code: 'who',
        ownerId: null,
        touchedAt: '2026-05-30T09:30:00.000Z',
        outcome: 'code_unknown',
      },
      {
        eventId: event.subject,
        code: 'eve',
        ownerId: owners.eve,
        touchedAt: '2026-04-01T00:00:00.000Z',
        outcome: 'outside_touch_window',
      },
    ]),
  })
  const { body: decisions } = await counter.ask('GET', `/api/v1/decisions?eventId=${event.subject}`)
  expect(decisions.items[0]!.explanation).toContain(`Of 4 touches the ${model} that may count was chosen`)
  expect(decisions.items[0]!.explanation).toContain(
    'Not that of 2026-04-01T00:00:00.000Z: The customer met a referral code, but too long before',
  )
  expect(JSON.stringify(decisions)).not.toContain('"zoe"')

  // What is simulated comes to the same, and what was decided is what a backtest of the same rule gives.
  const asked = { type: 'user.registered', timestamp: event.time, data: { externalUserId: 'new', touches: told } }
  const { body: simulated } = await counter.ask('POST', '/api/v1/reward-rules/simulate', { event: asked })
  expect(simulated).toMatchObject({ rewards: [{ userId: owners[winner], ruleId }] })
  const period = { from: '2026-05-01T00:00:00Z', to: '2026-06-01T00:00:00Z' }
  const backtest = await counter.ask('POST', '/api/v1/reward-rules/backtest', { ruleId, ...period })
  expect(backtest).toMatchObject({ status: 200, body: { events: 1, isSame: true, differences: 0 } })
})

test('settings count for registrations from the second they were said, and who said so, when and why is kept', async () => {
  const counter = await openCounter()
  const desk = await openDesk(counter.service.database)
  const path = '/api/v1/attribution-settings'
  expect((await counter.ask('GET', path)).body).toMatchObject({
    version: 0,
    model: 'last',
    touchDays: null,
    history: [],
  })
  const settings = { model: 'first', touchDays: 30, paymentDays: 90, reason: 'as agreed with sales' }
  for (const wrong of [
    { ...settings, model: 'middle' },
    { ...settings, touchDays: 0 },
    { ...settings, paymentDays: 3651 },
    { ...settings, touchDays: 1.5 },
    { ...settings, reason: '' },
    { model: 'first', reason: 'x' },
    { ...settings, more: 1 },
  ]) {
    const refused = await counter.ask('PUT', path, wrong)
    expect(refused, JSON.stringify(wrong)).toMatchObject({ status: 422, body: { code: 'payload_invalid' } })
  }
  expect(await counter.ask('PUT', path, settings, ['rules:read'])).toMatchObject({ status: 403 })
  const before = new Date(Date.now() - 2000).toISOString()
  const both = await Promise.all([
    counter.ask('PUT', path, settings),
    counter.ask('PUT', path, { ...settings, paymentDays: 30 }),
  ])
  expect(both.map(({ status }) => status)).toEqual([200, 200])
  const { body } = await counter.ask('GET', path)
  expect(body).toMatchObject({ version: 2, reason: settings.reason, doneBy: expect.stringMatching(/^client:/) })
  expect(body.history).toHaveLength(2)

  await seedReferrer(desk)
  const now = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString()
  await desk.handle(
    registered('old', { referralCode: 'ann', at: before }),
    registered('new', { referralCode: 'ann', at: now }),
  )
  const rows = await desk.rows<{ version: number; ends: boolean }>(
    'select settings_version as version, expires_at is not null as ends from referrals order by attributed_at',
  )
  expect(rows).toEqual([
    { version: 0, ends: false },
    { version: 2, ends: true },
  ])
  await expect(desk.db.raw('update attribution_settings set touch_days = 1')).rejects.toThrow(/denied|append-only/)
})

test('own touches hide nobody, alone they are rejected and told; whom one brought brings nobody back', async () => {
  const desk = await openDesk()
  const ann = await seedReferrer(desk)
  const bob = v7()
  await desk.rows(
    `insert into users (id, external_id, email, created_at) values (?, 'bob', 'bob@example.com', now())`,
    bob,
  )
  await desk.rows(`insert into referral_codes (code, user_id, created_at) values ('bob', ?, now())`, bob)
  await desk.handle(registered('bob', { referralCode: 'bob', touches: [{ code: 'ann', at: '2026-05-01T00:00:00Z' }] }))
  expect(await desk.rows('select referrer_id, state from referrals')).toEqual([
    { referrer_id: ann, state: 'registered' },
  ])

  await desk.handle(
    registered('referrer-ann', { referralCode: 'bob' }),
    registered('ann-2', { referralCode: 'ann', email: 'ann@example.com' }),
  )
  const said = await desk.said('referral.rejected')
  expect(said.map(({ data }) => [data.referrerId, data.reason])).toEqual([
    [bob, 'circular_referral'],
    [ann, 'self_referral'],
  ])
})

test('two who say at the same instant that the other brought them, are not both believed', async () => {
  const counter = await openCounter()
  const desk = await openDesk(counter.service.database)
  for (let round = 0; round < 6; round++) {
    const codes = [`one-${round}`, `two-${round}`] as const
    const ids = [await seedReferrer(desk, codes[0]), await seedReferrer(desk, codes[1])] as const
    const byHand = { refereeId: ids[1], code: codes[0], reason: 'they said so' }
    await Promise.all([
      desk.handle(registered(`referrer-${codes[0]}`, { referralCode: codes[1] })),
      round % 2 === 0
        ? desk.handle(registered(`referrer-${codes[1]}`, { referralCode: codes[0] }))
        : counter.ask('POST', '/api/v1/referrals', byHand),
    ])
  }
  expect(await desk.rows(`select count(*)::int as n from referrals where state = 'registered'`)).toEqual([{ n: 6 }])
})

test('a rejected referral says who, when and why, and earns nothing from then on', async () => {
  const counter = await openCounter()
  const desk = await openDesk(counter.service.database)
  await seedReferrer(desk)
  await seedRule(desk)
  await desk.handle(
    registered('bob', { referralCode: 'ann' }),
    registered('eve', { referralCode: 'ann' }),
    paid('eve', 'inv-1', 1000),
  )
  const { body: list } = await counter.ask('GET', '/api/v1/referrals')
  const [eve, bob] = ['converted', 'registered'].map((status) => list.items.find((one) => one.status === status)!.id)
  const reject = (id: string | undefined, body: object = { reason: 'a colleague of ours' }) =>
    counter.ask('POST', `/api/v1/referrals/${id}/reject`, body)
  expect(await reject(bob, {})).toMatchObject({ status: 422 })
  expect(await reject(v7())).toMatchObject({ status: 404, body: { code: 'not_found' } })
  expect(await reject(eve)).toMatchObject({ status: 409, body: { code: 'referral_conflict' } })
  expect(await reject(bob)).toMatchObject({
    status: 200,
    body: {
      status: 'rejected',
      reason: 'rejected_by_hand',
      rejectedWhy: 'a colleague of ours',
      rejectedBy: expect.any(String),
    },
  })
  expect(await reject(bob)).toMatchObject({ status: 409 })
  expect((await desk.said('referral.rejected')).map(({ data }) => data.reason)).toEqual(['rejected_by_hand'])
  expect(await desk.handle(paid('bob', 'inv-2', 1000))).toMatchObject([{ reason: 'referral_rejected' }])
  expect((await counter.ask('GET', '/api/v1/referrals?status=rejected')).body.items).toHaveLength(1)
})
