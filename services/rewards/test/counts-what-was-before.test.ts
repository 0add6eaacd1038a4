import { expect, test } from 'vitest'
import { custom, type Desk, openDesk, paid, refunded, registered, seedReferrer, seedRule } from './desk.ts'

const tiers = [
  { from: 1, basisPoints: 1_000 },
  { from: 3, basisPoints: 2_000 },
]
const byConversions = { reward: { kind: 'tiers', by: 'conversions', tiers } }
const granted = async (desk: Desk) => {
  const rows = await desk.rows<{ cause: string; granted: number; rate: number | null }>(
    'select cause, granted::int, rate_basis_points as rate from rewards order by cause',
  )
  return Object.fromEntries(rows.map((row) => [row.cause.slice('invoice:'.length), [row.granted, row.rate]]))
}
const traced = async (desk: Desk, invoice: string) => {
  const [row] = await desk.rows<{ seen: unknown }>(
    `select c -> 'seen' as seen from decisions, jsonb_array_elements(trace -> 'rules') r, jsonb_array_elements(r -> 'conditions') c
     where reward_ids = (select array_agg(id) from rewards where cause = 'invoice:' || ?) and c ->> 'condition' in ('tier', 'recurring')`,
    invoice,
  )
  return row?.seen
}

async function openProgramme(rule: Record<string, unknown>, customers: readonly string[]): Promise<Desk> {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk, rule)
  await desk.handle(...customers.map((name) => registered(name, { referralCode: 'ann', at: '2026-01-02T00:00:00Z' })))
  return desk
}

test('the third customer of a referrer brings the next tier, in one batch as in three', async () => {
  const alone = await openProgramme(byConversions, ['a', 'b', 'c'])
  const together = await openProgramme(byConversions, ['a', 'b', 'c'])
  const payments = ['a', 'b', 'c', 'a'].map((name, index) =>
    paid(name, `i-${index}`, 1_000, { at: `2026-02-0${index + 1}T00:00:00Z` }),
  )
  for (const payment of payments) await alone.handle(payment)
  await together.handle(...payments)
  const expected = { 'i-0': [100, 1_000], 'i-1': [100, 1_000], 'i-2': [200, 2_000], 'i-3': [200, 2_000] }
  expect(await granted(alone)).toEqual(expected)
  expect(await granted(together)).toEqual(expected)
})

test('a payment that comes late is judged by the conversions before it, and changes nothing that was decided', async () => {
  const desk = await openProgramme(byConversions, ['a', 'b', 'c', 'd'])
  await desk.handle(
    paid('a', 'i-a', 1_000, { at: '2026-03-01T00:00:00Z' }),
    paid('b', 'i-b', 1_000, { at: '2026-03-02T00:00:00Z' }),
    paid('c', 'i-c', 1_000, { at: '2026-03-03T00:00:00Z' }),
  )
  await desk.handle(paid('d', 'i-d', 1_000, { at: '2026-02-01T00:00:00Z' }))
  expect(await granted(desk)).toEqual({
    'i-a': [100, 1_000],
    'i-b': [100, 1_000],
    'i-c': [200, 2_000],
    'i-d': [100, 1_000],
  })
  expect(await traced(desk, 'i-d')).toBe(1)
})

test('payments at once of different customers each see all that were decided before them', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `c-${index}`)
  const desk = await openProgramme(byConversions, names)
  await Promise.all(
    names.map((name, index) =>
      desk.db.transaction((tx) =>
        desk.handleIn(
          tx,
          paid(name, `i-${name}`, 1_000, { at: new Date(Date.UTC(2026, 1, 1, 0, index)).toISOString() }),
        ),
      ),
    ),
  )
  const rows = await desk.rows<{ seen: number; before: number }>(
    `select (seen ->> 'conversions')::int as seen, (
       select count(*)::int from occasions other where other.type = one.type
         and other.seq < one.seq and other.happened_at < one.happened_at) as before
     from occasions one where type = 'subscription.paid'`,
  )
  expect(rows).toHaveLength(12)
  for (const { seen, before } of rows) expect(seen).toBe(before)
})

test('the rate that was pinned is the one that refunds go by, whatever tier the referrer is in by then', async () => {
  const desk = await openProgramme(byConversions, ['a', 'b', 'c'])
  await desk.handle(
    ...['a', 'b', 'c'].map((name, day) => paid(name, `i-${name}`, 1_000, { at: `2026-02-0${day + 1}T00:00:00Z` })),
  )
  await desk.handle(refunded('i-a', 'r-1', 500), refunded('i-c', 'r-2', 500))
  const rows = await desk.rows('select cause, reversed::int from rewards where reversed > 0 order by cause')
  expect(rows).toEqual([
    { cause: 'invoice:i-a', reversed: 50 },
    { cause: 'invoice:i-c', reversed: 100 },
  ])
})

test("without `period` a subscription's own invoices are counted; with it, it counts", async () => {
  const desk = await openProgramme({ recurring: { periods: 2 } }, ['a', 'b'])
  const at = (month: number) => `2026-0${month}-05T00:00:00Z`
  const outcomes = await desk.handle(
    paid('a', 'i-1', 1_000, { at: at(1) }),
    paid('a', 'i-2', 1_000, { at: at(2) }),
    paid('a', 'i-3', 1_000, { at: at(3) }),
    paid('a', 'other-1', 1_000, { at: at(4), subscriptionId: 'other' }),
    // The same name of a subscription with another customer is another subscription.
    paid('b', 'j-1', 1_000, { at: at(4) }),
  )
  expect(outcomes.map((one) => ('reason' in one ? one.reason : one.kind))).toEqual([
    'done',
    'done',
    'recurrence_ended',
    'done',
    'done',
  ])
  expect(await traced(desk, 'i-2')).toBe(2)
  const told = paid('b', 'j-9', 1_000, { at: at(5) })
  const [late] = await desk.handle({ ...told, data: { ...(told.data as object), period: 3 } })
  expect(late).toEqual({ kind: 'ignored', reason: 'recurrence_ended' })
})

test.each(['one by one', 'in one batch', 'before the customer registers'])(
  'payments told newest first, %s, earn no more often than a rule recurs',
  async (how) => {
    const desk = await openProgramme(
      { recurring: { periods: 2 } },
      how === 'before the customer registers' ? ['b'] : ['a'],
    )
    const payments = [5, 4, 3, 2, 1].map((month) =>
      paid('a', `i-${month}`, 1_000, { at: `2026-0${month}-05T00:00:00Z` }),
    )
    if (how === 'one by one') for (const payment of payments) await desk.handle(payment)
    else await desk.handle(...payments)
    if (how === 'before the customer registers')
      await desk.handle(registered('a', { referralCode: 'ann', at: '2025-12-01T00:00:00Z' }))
    const rows = await desk.rows("select cause from rewards where cause like 'invoice:%'")
    expect(rows).toHaveLength(2)
  },
)

test('a condition sees what the sender wrote, and nothing that says who somebody is', async () => {
  const desk = await openProgramme(
    { eventType: 'course.done', condition: "event.data.grade == 'A' && !has(event.data.email)" },
    ['a'],
  )
  const money = { amount: 1_000, currency: 'USD' }
  const outcomes = await desk.handle(
    custom('course.done', 'a', { ...money, grade: 'A', email: 'a@example.com' }),
    custom('course.done', 'a', { ...money, grade: 'B' }),
    custom('course.done', 'a', money),
  )
  expect(outcomes.map((one) => ('reason' in one ? one.reason : one.kind))).toEqual([
    'done',
    'condition_not_met',
    'condition_not_met',
  ])
  const [row] = await desk.rows<{ kept: string }>(
    `select string_agg(seen::text, '') || (select string_agg(trace::text, '') from decisions) as kept from occasions`,
  )
  expect(row!.kept).toContain('event.data.grade = \\"B\\"')
  expect(row!.kept).toContain('not told')
  expect(row!.kept).not.toContain('example.com')
})
