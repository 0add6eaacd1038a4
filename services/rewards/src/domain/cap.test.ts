import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterSpending, askCaps, type Cap, type CapUse, capKeysOf, noUse, returnOf, textOf } from './cap.ts'

const inMoney = (per: Cap['per'], interval: Cap['interval'], amount: bigint): Cap => ({
  per,
  interval,
  amount,
  count: null,
})
const inRewards = (per: Cap['per'], interval: Cap['interval'], count: number): Cap => ({
  per,
  interval,
  amount: null,
  count,
})

type Event = Readonly<{ userId: string; referralId: string; timeMs: number; amount: bigint }>

/** Asks and spends for events one after another, as a batch does; answers what each got. */
function play(caps: readonly Cap[], events: readonly Event[], timeZone = 'UTC') {
  const uses = new Map<string, CapUse>()
  const granted = events.map(({ amount, ...event }) => {
    const answer = askCaps({ ruleId: 'rule', caps, timeZone, ...event }, amount, (key) => uses.get(key) ?? noUse)
    for (const spending of answer.spendings) {
      const key = textOf(spending.key)
      uses.set(key, afterSpending(uses.get(key) ?? noUse, spending))
    }
    return answer.granted
  })
  return { granted, uses }
}

const day = (text: string) => Date.parse(`2026-${text}T12:00:00Z`)
const event = (changes: Partial<Event> = {}): Event => ({
  userId: 'ann',
  referralId: 'bob',
  timeMs: day('05-10'),
  amount: 100n,
  ...changes,
})

it.each([
  ['money: what is left of it', [inMoney('user', 'total', 250n)], [100n, 100n, 50n, 0n]],
  ['money: one unit is something', [inMoney('user', 'total', 201n)], [100n, 100n, 1n, 0n]],
  ['money: less than one reward', [inMoney('user', 'total', 30n)], [30n, 0n, 0n, 0n]],
  ['rewards: whole ones', [inRewards('rule', 'total', 2)], [100n, 100n, 0n, 0n]],
  ['both: whichever ends first', [inMoney('rule', 'total', 350n), inRewards('user', 'day', 3)], [100n, 100n, 100n, 0n]],
  ['both of a kind', [inMoney('user', 'day', 150n), inRewards('user', 'day', 9)], [100n, 50n, 0n, 0n]],
] as const)('a cap in %s', (_, caps, granted) => {
  expect(play(caps as readonly Cap[], [event(), event(), event(), event()]).granted).toEqual(granted)
})

describe('a cap counts', () => {
  const others: readonly (readonly [string, Cap['per'], Partial<Event>, boolean])[] = [
    ['each user alone', 'user', { userId: 'eve' }, true],
    ['each referral alone', 'referral', { referralId: 'zoe' }, true],
    ['users of one referral together', 'referral', { userId: 'eve' }, false],
    ['everybody together', 'rule', { userId: 'eve', referralId: 'zoe' }, false],
  ]
  it.each(others)('%s', (_, per, changes, isOwn) => {
    const { granted } = play([inRewards(per, 'total', 1)], [event(), event(changes)])
    expect(granted).toEqual([100n, isOwn ? 100n : 0n])
  })

  it.each([
    ['day', '05-11', true],
    ['day', '05-10', false],
    ['month', '06-01', true],
    ['month', '05-31', false],
    ['total', '12-31', false],
  ] as const)('by %s: on %s anew is %s', (interval, date, isAnew) => {
    const { granted } = play([inRewards('user', interval, 1)], [event(), event({ timeMs: day(date) })])
    expect(granted).toEqual([100n, isAnew ? 100n : 0n])
  })

  it("in the day of the event, not of the moment it is heard of: a late one finds its own day's cap", () => {
    const caps = [inRewards('user', 'day', 1)]
    const late = play(caps, [event({ timeMs: day('05-12') }), event({ timeMs: day('05-10') }), event()])
    expect(late.granted).toEqual([100n, 100n, 0n])
  })

  it("in days of the rule's time zone", () => {
    const evening = event({ timeMs: Date.parse('2026-05-10T22:30:00Z') })
    const caps = [inRewards('user', 'day', 1)]
    expect(play(caps, [event(), evening], 'UTC').granted).toEqual([100n, 0n])
    expect(play(caps, [event(), evening], 'Europe/Berlin').granted).toEqual([100n, 100n])
  })
})

it('a cap that has nothing left keeps the others from being spent', () => {
  const caps = [inRewards('rule', 'total', 1), inMoney('user', 'day', 1_000n)]
  const { uses } = play(caps, [event(), event()])
  expect([...uses.values()]).toEqual([
    { amount: 100n, count: 1 },
    { amount: 100n, count: 1 },
  ])
})

const anyCaps = fc.uniqueArray(
  fc.record({
    per: fc.constantFrom<Cap['per']>('user', 'rule', 'referral'),
    interval: fc.constantFrom<Cap['interval']>('day', 'month', 'total'),
    amount: fc.option(fc.bigInt(1n, 500n)),
    number: fc.integer({ min: 1, max: 6 }),
  }),
  { minLength: 1, maxLength: 4, selector: ({ per, interval }) => `${per}/${interval}` },
)
const anyEvents = fc.array(
  fc.record({
    userId: fc.constantFrom('ann', 'eve'),
    referralId: fc.constantFrom('bob', 'zoe'),
    // In any order of time: events may come late.
    timeMs: fc.integer({ min: day('05-29'), max: day('06-02') }),
    amount: fc.bigInt(1n, 200n),
  }),
  { maxLength: 40 },
)

it('whatever comes in whichever order, no counter passes its cap, and each is the sum of what it counts', () => {
  fc.assert(
    fc.property(anyCaps, anyEvents, (given, events) => {
      const caps = given.map(({ per, interval, amount, number }) =>
        amount === null ? inRewards(per, interval, number) : inMoney(per, interval, amount),
      )
      const { granted, uses } = play(caps, events)
      for (const cap of caps) {
        const sums = new Map<string, CapUse>()
        events.forEach((one, index) => {
          const [key] = capKeysOf({ ruleId: 'rule', caps: [cap], timeZone: 'UTC', ...one })
          const text = textOf(key!)
          const before = sums.get(text) ?? noUse
          const amount = granted[index]!
          sums.set(text, { amount: before.amount + amount, count: before.count + (amount > 0n ? 1 : 0) })
        })
        for (const [text, sum] of sums) {
          expect(uses.get(text) ?? noUse).toEqual(sum)
          if (cap.amount !== null) expect(sum.amount <= cap.amount).toBe(true)
          if (cap.count !== null) expect(sum.count).toBeLessThanOrEqual(cap.count)
        }
      }
    }),
  )
})

it('a reward taken back in parts gives back what it took, and its place with the last of it', () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 1_000n), fc.array(fc.bigInt(1n, 300n), { maxLength: 8 }), (granted, parts) => {
      let left = granted
      const back = { amount: 0n, count: 0 }
      for (const part of [...parts, granted]) {
        const taken = part < left ? part : left
        if (taken === 0n) continue
        left -= taken
        const { amount, count } = returnOf(taken, left)
        back.amount += amount
        back.count += count
      }
      expect(back).toEqual({ amount: granted, count: 1 })
    }),
  )
})
