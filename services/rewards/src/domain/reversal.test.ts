import { percentOf } from '@tributary/money'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keptOf, type Reversible, reversalDue } from './reversal.ts'

const percent = (basisPoints: number, paid: bigint, minimumAmount: bigint | null = null): Reversible => ({
  granted: percentOf(paid, basisPoints),
  reversed: 0n,
  terms: { reward: { kind: 'percent', basisPoints }, minimumAmount },
})
const fixed = (amount: bigint, minimumAmount: bigint | null = null): Reversible => ({
  granted: amount,
  reversed: 0n,
  terms: { reward: { kind: 'fixed', amount }, minimumAmount },
})

describe('what is kept', () => {
  it.each([
    ['all of it without a refund', percent(2000, 999n), 999n, 0n, 199n],
    ['the share of what is left, rounded down', percent(2000, 999n), 999n, 333n, 133n],
    ['nothing after the whole payment went back', percent(2000, 999n), 999n, 999n, 0n],
    ['nothing after more than the payment went back', percent(2000, 999n), 999n, 5000n, 0n],
    ['a fixed reward in proportion, rounded down', fixed(500n), 999n, 333n, 333n],
    ['a fixed reward until the last cent went back', fixed(500n), 1000n, 998n, 1n],
    ['nothing of a fixed reward after all went back', fixed(500n), 999n, 999n, 0n],
    ['all where what is left still reaches the minimum', percent(2000, 1000n, 500n), 1000n, 500n, 100n],
    ['nothing once what is left is below the minimum', percent(2000, 1000n, 500n), 1000n, 501n, 0n],
    ['nothing of a fixed reward below the minimum', fixed(500n, 500n), 1000n, 501n, 0n],
  ] as const)('is %s', (_, reward, paid, refunded, kept) => {
    expect(keptOf(reward, paid, refunded)).toBe(kept)
  })
})

it('partial refunds in any order take back the same, never more than was granted, never less than the last asked for', () => {
  const rewards = fc.record({
    paid: fc.bigInt(1n, 100_000n),
    basisPoints: fc.integer({ min: 1, max: 10_000 }),
    isFixed: fc.boolean(),
    minimum: fc.option(fc.bigInt(1n, 100_000n)),
  })
  const refunds = fc.array(fc.bigInt(1n, 50_000n), { maxLength: 8 })
  fc.assert(
    fc.property(rewards, refunds, fc.func(fc.integer()), ({ paid, basisPoints, isFixed, minimum }, amounts, key) => {
      const start = isFixed ? fixed(BigInt(basisPoints), minimum) : percent(basisPoints, paid, minimum)
      const play = (order: readonly bigint[]) => {
        let reward = start
        let total = 0n
        for (const amount of order) {
          total += amount
          const due = reversalDue(reward, paid, total)
          expect(due).toBeGreaterThanOrEqual(0n)
          reward = { ...reward, reversed: reward.reversed + due }
        }
        expect(reward.reversed).toBeLessThanOrEqual(reward.granted)
        return reward.reversed
      }
      const total = amounts.reduce((sum, amount) => sum + amount, 0n)
      const atOnce = start.granted - keptOf(start, paid, total)
      expect(play(amounts)).toBe(atOnce)
      expect(play(amounts.toSorted((one, other) => key(one) - key(other)))).toBe(atOnce)
    }),
  )
})
