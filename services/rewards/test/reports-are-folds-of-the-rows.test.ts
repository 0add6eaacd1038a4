import fc from 'fast-check'
import { v7 } from 'uuid'
import { beforeAll, expect, test } from 'vitest'
import { findFunnel, listCohorts, listRuleCosts, listTopReferrers, type Period } from '../src/store/reports.ts'
import { openCounter } from './counter.ts'
import { type Desk, openDesk, paid, refunded, registered, seedReferrer, seedRule } from './desk.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})

const day = (number: number) => new Date(Date.UTC(2026, 0, 1 + number))

const states = ['registered', 'converted', 'rejected', 'expired'] as const

const rewardOf = fc.record({
  granted: fc.integer({ min: 1, max: 1000 }),
  taken: fc.constantFrom('nothing', 'half', 'all'),
  refused: fc.boolean(),
  rule: fc.nat(2),
  currency: fc.constantFrom('USD', 'EUR'),
  day: fc.nat(120),
})

const referralOf = fc.record({
  referrer: fc.nat(4),
  day: fc.nat(120),
  state: fc.constantFrom(...states),
  hasCode: fc.boolean(),
  rewards: fc.array(rewardOf, { maxLength: 3 }),
})

type Referral = Readonly<{
  referrer_id: string
  code: string | null
  state: string
  attributed_at: Date
  converted_at: Date | null
  id: string
}>
type Reward = Readonly<{
  referral_id: string
  rule_id: string
  currency: string
  granted: bigint
  reversed: bigint
  refusal: string | null
  earned_at: Date
}>

const rules = Array.from({ length: 3 }, () => v7())

async function write(
  referrals: readonly (typeof referralOf extends fc.Arbitrary<infer T> ? T : never)[],
): Promise<void> {
  const referrers: string[] = []
  for (let number = 0; number < 5; number++) referrers.push(await seedReferrer(desk, `code-${v7().slice(-12)}`))
  for (const { referrer, day: on, state, hasCode, rewards } of referrals) {
    const [referee, id] = [v7(), v7()]
    await desk.rows('insert into users (id, external_id, created_at) values (?, ?, now())', referee, referee)
    await desk.rows(
      `insert into referrals (id, referrer_id, referee_id, code, state, reason, attributed_at, converted_at, expired_at, recorded_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, now())`,
      id,
      referrers[referrer],
      referee,
      hasCode ? `Code-${referrer}` : null,
      state,
      state === 'rejected' ? 'self_referral' : null,
      day(on),
      state === 'converted' ? day(on + 1) : null,
      state === 'expired' ? day(on + 60) : null,
    )
    for (const { granted, taken, refused, rule, currency, day: earned } of rewards) {
      const reversed = { nothing: 0, half: Math.floor(granted / 2), all: granted }[taken]
      await desk.rows(
        `insert into rewards (id, rule_id, rule_version, cause, beneficiary, user_id, referral_id, event_id, currency, granted,
           reversed, due_at, refusal, earned_at, recorded_at)
         values (?, ?, 1, ?, 'referrer', ?, ?, ?, ?, ?, ?, now(), ?, ?, now())`,
        v7(),
        rules[rule],
        `invoice:${v7()}`,
        referrers[referrer],
        id,
        v7(),
        currency,
        granted,
        reversed,
        refused ? 'limit' : null,
        day(earned),
      )
    }
  }
}

/** The same figures, counted one row at a time from everything there is. */
async function folded({ from, to }: Period) {
  const all = await desk.rows<Referral>('select * from referrals')
  const rewards = await desk.rows<Reward>('select * from rewards')
  const within = (at: Date) => at >= from && at < to
  const inPeriod = all.filter((one) => within(one.attributed_at))
  const kept = inPeriod.filter((one) => one.state !== 'rejected')
  const stands = new Set(
    rewards.filter((one) => one.reversed < one.granted && one.refusal === null).map((one) => one.referral_id),
  )
  const stepsOf = (some: readonly Referral[]) => ({
    registered: some.length,
    converted: some.filter((one) => one.converted_at !== null).length,
    rewarded: some.filter((one) => stands.has(one.id)).length,
  })
  const codes = await desk.rows<{ created_at: Date }>('select created_at from referral_codes')
  const groups = <Row>(some: readonly Row[], keyOf: (row: Row) => string) => [...Map.groupBy(some, keyOf)]
  const costs = groups(
    rewards.filter((one) => within(one.earned_at) && one.refusal === null),
    (one) => `${one.rule_id} ${one.currency}`,
  ).map(([key, some]) => {
    const sum = (of: (one: Reward) => bigint) => some.reduce((total, one) => total + of(one), 0n)
    const [ruleId, currency] = key.split(' ')
    const [granted, reversed] = [sum((one) => one.granted), sum((one) => one.reversed)]
    return { ruleId, currency, rewards: some.length, granted, reversed, net: granted - reversed }
  })
  return {
    funnel: {
      codes: codes.filter((one) => within(one.created_at)).length,
      codesUsed: new Set(kept.flatMap((one) => one.code?.toLowerCase() ?? [])).size,
      ...stepsOf(kept),
      rejected: inPeriod.length - kept.length,
    },
    cohorts: groups(kept, (one) => one.attributed_at.toISOString().slice(0, 7))
      .map(([month, some]) => ({ month, ...stepsOf(some) }))
      .toSorted((one, other) => one.month.localeCompare(other.month)),
    top: groups(kept, (one) => one.referrer_id)
      .map(([userId, some]) => ({ userId, ...stepsOf(some) }))
      .toSorted(
        (one, other) =>
          other.converted - one.converted || other.registered - one.registered || (one.userId < other.userId ? -1 : 1),
      ),
    costs,
  }
}

test('each figure is the fold of the rows it is said to be', async () => {
  const period = fc.tuple(fc.nat(120), fc.integer({ min: 1, max: 60 }))
  await fc.assert(
    fc.asyncProperty(fc.array(referralOf, { maxLength: 12 }), period, async (referrals, [start, days]) => {
      await write(referrals)
      const asked = { from: day(start), to: day(start + days) }
      const { funnel, cohorts, top, costs } = await folded(asked)
      expect(await findFunnel(desk.db, asked)).toEqual(funnel)
      expect(await listCohorts(desk.db, asked)).toEqual(cohorts)
      expect(await listTopReferrers(desk.db, asked, 1_000)).toEqual(top)
      const byKey = (one: { ruleId?: string | undefined; currency?: string | undefined }) =>
        `${one.ruleId} ${one.currency}`
      const sorted = <Row extends { ruleId?: string | undefined }>(some: readonly Row[]) =>
        some.toSorted((one, other) => byKey(one).localeCompare(byKey(other)))
      expect(sorted(await listRuleCosts(desk.db, asked))).toEqual(sorted(costs))
    }),
    { numRuns: 15 },
  )
})

test('reports are answered as JSON and as CSV, of the last year unless told otherwise', async () => {
  const counter = await openCounter()
  const own = await openDesk(counter.service.database)
  await seedReferrer(own)
  const rule = await seedRule(own)
  const at = new Date(Date.now() - 86_400_000).toISOString()
  await own.handle(registered('bob', { referralCode: 'ann', at }))
  await own.handle(paid('bob', 'inv-1', 1000, { at }))
  await own.handle(refunded('inv-1', 'r', 500, { at }))
  const ask = (path: string) => counter.ask('GET', `/api/v1/rewards-reports/${path}`)
  expect(await ask('funnel')).toMatchObject({
    status: 200,
    body: { lines: [{ codes: 1, codesUsed: 1, registered: 1, converted: 1, rewarded: 1, rejected: 0 }] },
  })
  expect(await ask('rule-costs')).toMatchObject({
    body: { lines: [{ ruleId: rule, currency: 'USD', rewards: 1, granted: 200, reversed: 100, net: 100 }] },
  })
  expect(await ask('cohorts')).toMatchObject({ body: { lines: [{ month: at.slice(0, 7), converted: 1 }] } })
  expect(await ask('top-referrers?from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z')).toMatchObject({
    body: { lines: [] },
  })
  for (const period of ['from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'from=2001-01-01T00:00:00Z', 'from=x']) {
    expect(await ask(`funnel?${period}`), period).toMatchObject({ status: 422 })
  }
  expect(await counter.ask('GET', '/api/v1/rewards-reports/funnel', undefined, ['users:read'])).toMatchObject({
    status: 403,
  })
  const csv = await counter.csv('/api/v1/rewards-reports/rule-costs')
  expect(csv).toBe(`ruleId,currency,rewards,granted,reversed,net\r\n${rule},USD,1,200,100,100\r\n`)
})

/** So many users more, each referred and rewarded. */
async function writeMany(big: Desk, referrer: string, count: number): Promise<void> {
  const people = `select md5('part-' || ?::text || n)::uuid as id, n from generate_series(1, ?::integer) n`
  const part = v7()
  await big.rows(
    `insert into users (id, external_id, created_at) select id, 'bulk-' || id, now() from (${people}) people`,
    part,
    count,
  )
  // A referral and its customer share their id here, so that no statement has to look for the other's rows.
  await big.rows(
    `insert into referrals (id, referrer_id, referee_id, code, state, attributed_at, recorded_at)
     select id, ?, id, 'ann', 'registered', '2026-01-15', now() from (${people}) people`,
    referrer,
    part,
    count,
  )
  await big.rows(
    `insert into rewards (id, rule_id, rule_version, cause, beneficiary, user_id, referral_id, event_id, currency, granted,
       due_at, earned_at, recorded_at)
     select gen_random_uuid(), ?, 1, 'invoice:' || id, 'referrer', ?, id, gen_random_uuid(), 'USD', 100, now(),
       '2026-01-15', now() from (${people}) people`,
    rules[0],
    referrer,
    part,
    count,
  )
}

test('reports over a hundred thousand users take seconds at most', async () => {
  const big = await openDesk()
  const referrer = await seedReferrer(big)
  // In parts, so that no statement comes near its time limit however busy the machine is.
  for (let part = 0; part < 10; part++) await writeMany(big, referrer, 10_000)
  const asked = { from: day(0), to: day(60) }
  const started = performance.now()
  expect(await findFunnel(big.db, asked)).toMatchObject({ registered: 100_000, rewarded: 100_000 })
  expect(await listCohorts(big.db, asked)).toMatchObject([{ month: '2026-01', rewarded: 100_000 }])
  expect(await listTopReferrers(big.db, asked, 100)).toMatchObject([{ userId: referrer, registered: 100_000 }])
  expect(await listRuleCosts(big.db, asked)).toMatchObject([{ net: 10_000_000n }])
  // Some 0.3 s each on a busy core; a plan that asks for each referral by itself takes minutes.
  expect(performance.now() - started).toBeLessThan(10_000)
  // Writing the rows may take its time.
}, 120_000)
