import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decideCancellation, type Subscription } from './cancellation.ts'

const subscription: Subscription = {
  cancelledMs: null,
  rewards: [
    { id: 'before', left: 10n, paidMs: 99 },
    { id: 'at', left: 20n, paidMs: 100 },
    { id: 'after', left: 30n, paidMs: 101 },
    { id: 'gone', left: 0n, paidMs: 102 },
  ],
}

it('takes back what payments at its time or later had earned, once', () => {
  const [decision, next] = decideCancellation(subscription, 100)
  expect(decision).toEqual({
    verdict: { outcome: 'processed', reason: null },
    reversals: [
      { rewardId: 'at', amount: 20n },
      { rewardId: 'after', amount: 30n },
    ],
  })
  for (const later of [100, 101]) {
    expect(decideCancellation(next, later)[0]).toEqual({
      verdict: { outcome: 'ignored', reason: 'subscription_already_cancelled' },
      reversals: [],
    })
  }
})

it('the earliest end counts, in whichever order the ends arrive', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 95, max: 105 }), { minLength: 1 }), (times) => {
      const end = times.reduce((now, time) => decideCancellation(now, time)[1], subscription)
      const earliest = Math.min(...times)
      expect(end).toEqual(decideCancellation(subscription, earliest)[1])
    }),
  )
})
