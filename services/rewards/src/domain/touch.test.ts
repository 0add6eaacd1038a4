import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AttributionTerms, termsAt, termsBeforeAny } from './attribution.ts'
import { type Choosing, chooseTouch, type Touch, type Whose } from './touch.ts'

const DAY = 86_400_000
const registeredMs = Date.parse('2026-05-01T10:00:00Z')
const last = termsBeforeAny
const first: AttributionTerms = { ...last, model: 'first' }
const touch = (code: string, agoMs: number, isTyped = false): Touch => ({ code, atMs: registeredMs - agoMs, isTyped })

const people: Record<string, Whose> = {
  ann: { userId: 'ann', code: 'Ann', email: null },
  eve: { userId: 'eve', code: 'Eve', email: null },
  self: { userId: 'self', code: 'Self', email: null },
  gone: 'retired',
}

const choosing = (terms: AttributionTerms): Choosing => ({
  terms,
  registeredMs,
  whoseIs: (code) => people[code.trim().toLowerCase()] ?? 'unknown',
  refusalOf: ({ userId }) => (userId === 'self' ? 'self_referral' : null),
})

const outcomes = (terms: AttributionTerms, ...touches: Touch[]) =>
  chooseTouch(touches, choosing(terms)).map(({ code, outcome }) => `${code} ${outcome}`)

describe('of several touches', () => {
  it.each([
    ['the last counts', last, [touch('eve', 1), touch('ann', 2)], ['Eve chosen', 'Ann earlier_touch']],
    ['the first counts', first, [touch('eve', 1), touch('ann', 2)], ['Ann chosen', 'Eve later_touch']],
    [
      'the typed code is of the registration',
      last,
      [touch('ann', 0, true), touch('eve', 1)],
      ['Ann chosen', 'Eve earlier_touch'],
    ],
    [
      'where the first counts, a typed code loses',
      first,
      [touch('ann', 0, true), touch('eve', 1)],
      ['Eve chosen', 'Ann later_touch'],
    ],
    [
      'at one instant the typed one goes before',
      first,
      [touch('ann', 0), touch('eve', 0, true)],
      ['Eve chosen', 'Ann same_instant'],
    ],
    ['at one instant codes are sorted', last, [touch('eve', 5), touch('ann', 5)], ['Ann chosen', 'Eve same_instant']],
    ['the same told twice is one', last, [touch('ann', 5), touch(' ANN ', 5)], ['Ann chosen']],
    ['blanks are none', last, [touch('  ', 5), touch('ann', 6)], ['Ann chosen']],
    [
      'unknown codes are kept in lower case',
      last,
      [touch('WHO', 5), touch('ann', 6)],
      ['who code_unknown', 'Ann chosen'],
    ],
    [
      'codes of erased people do not count',
      last,
      [touch('gone', 5), touch('ann', 6)],
      ['gone code_retired', 'Ann chosen'],
    ],
    ['own ones hide nobody', last, [touch('self', 5), touch('ann', 6)], ['Self self_referral', 'Ann chosen']],
    [
      'after the registration is too late',
      last,
      [touch('eve', -1000), touch('ann', 6)],
      ['Eve touch_after_registration', 'Ann chosen'],
    ],
    [
      'within its second is not after it',
      last,
      [touch('eve', -999), touch('ann', 6)],
      ['Eve chosen', 'Ann earlier_touch'],
    ],
    [
      'within its second it is of its instant',
      last,
      [touch('eve', -999), touch('ann', 0, true)],
      ['Ann chosen', 'Eve same_instant'],
    ],
  ] as const)('%s', (_, terms, touches, expected) => {
    expect(outcomes(terms, ...touches)).toEqual(expected)
  })

  it.each([
    ['at the last instant of the window', 30 * DAY, ['Ann chosen']],
    ['after it', 30 * DAY + 1, ['Ann outside_touch_window']],
  ])('%s', (_, ago, expected) => {
    expect(outcomes({ ...last, touchDays: 30 }, touch('ann', ago))).toEqual(expected)
  })

  const anyTouch = fc.record({
    code: fc.constantFrom('ann', 'ANN', 'eve', 'self', 'gone', 'who', ' '),
    atMs: fc.integer({ min: -3, max: 1 }).map((days) => registeredMs + days * DAY),
    isTyped: fc.boolean(),
  })
  const anyTerms = fc.record({
    version: fc.constant(1),
    model: fc.constantFrom('first' as const, 'last' as const),
    touchDays: fc.constantFrom(null, 1, 2),
    paymentDays: fc.constant(null),
  })

  it('the order in which they were told makes no difference, and the best that may count is chosen', () => {
    const shuffled = fc
      .array(anyTouch, { maxLength: 12 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })))
    let chosen = 0
    fc.assert(
      fc.property(shuffled, anyTerms, ([all, other], terms) => {
        const judged = chooseTouch(all, choosing(terms))
        expect(chooseTouch(other, choosing(terms))).toEqual(judged)
        // The model: nothing but a search through what may count.
        const mayCount = all.filter(
          ({ code, atMs }) =>
            ['ann', 'eve'].includes(code.toLowerCase()) &&
            atMs <= registeredMs &&
            (terms.touchDays === null || registeredMs - atMs <= terms.touchDays * DAY),
        )
        const times = mayCount.map(({ atMs }) => atMs)
        const winners = judged.filter(({ outcome }) => outcome === 'chosen')
        expect(winners).toHaveLength(Math.min(1, times.length))
        chosen += winners.length
        if (winners[0]) expect(winners[0].atMs).toBe(terms.model === 'first' ? Math.min(...times) : Math.max(...times))
        // Every touch is accounted for, once.
        const said = new Set(
          all.filter(({ code }) => code.trim()).map(({ code, atMs }) => `${code.toLowerCase()}/${atMs}`),
        )
        expect(new Set(judged.map(({ code, atMs }) => `${code.toLowerCase()}/${atMs}`))).toEqual(said)
        expect(judged).toHaveLength(said.size)
      }),
    )
    expect(chosen).toBeGreaterThan(0)
  })
})

it('the newest terms that had begun by then count', () => {
  const dated = (version: number, activeFromMs: number) => ({ ...first, version, activeFromMs })
  // The second was said within the second of the first, and began with it.
  const all = [dated(2, 100), dated(1, 100), dated(3, 200)]
  expect([99, 100, 199, 200].map((at) => termsAt(all, at).version)).toEqual([0, 2, 2, 3])
})
