import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Heard, NO_DECISION, whatCounts } from './event-status.ts'

const heard = (status: Heard['status'], revision: number, eventId = 'a'): Heard => ({ eventId, status, revision })

it.each([
  ['one decision', [heard('processed', 1)], 'processed'],
  ['a later decision', [heard('ignored', 1), heard('processed', 2)], 'processed'],
  ['a later decision that came first', [heard('processed', 2), heard('ignored', 1)], 'processed'],
  ['parked', [heard('parked', NO_DECISION)], 'parked'],
  ['parked, then decided by a replay', [heard('parked', NO_DECISION), heard('processed', 1)], 'processed'],
  ['decided, then parked elsewhere', [heard('ignored', 1), heard('parked', NO_DECISION)], 'ignored'],
] as const)('what counts of %s', (_, all, status) => {
  expect(whatCounts(all).map((one) => one.status)).toEqual([status])
})

it('does not depend on the order', () => {
  // Two decisions with one revision are the same decision.
  const decision = fc.integer({ min: 0, max: 4 }).map((revision) => {
    if (revision === NO_DECISION) return heard('parked', NO_DECISION)
    return heard(revision % 2 === 0 ? 'processed' : 'ignored', revision)
  })
  fc.assert(
    fc.property(fc.array(decision, { minLength: 1 }), (all) => {
      expect(whatCounts(all)).toEqual(whatCounts(all.toReversed()))
    }),
  )
})

it('is told for each event apart', () => {
  expect(whatCounts([heard('processed', 1, 'a'), heard('parked', 0, 'b')])).toHaveLength(2)
})
