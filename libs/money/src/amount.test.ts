import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AMOUNT_MAX, addAmounts, isAmount, percentOf, proportionOf } from './index.ts'

const amounts = fc.bigInt({ min: 1n, max: AMOUNT_MAX })

describe('a share of an amount', () => {
  it.each([
    [10_000n, 2000, 2000n],
    [999n, 2000, 199n],
    [1n, 9999, 0n],
    [AMOUNT_MAX, 10_000, AMOUNT_MAX],
  ])('of %s at %s basis points is %s, rounded down', (amount, basisPoints, share) => {
    expect(percentOf(amount, basisPoints)).toBe(share)
  })

  it('never creates a cent: two shares of a split are at most the whole', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 10_000 }), (amount, basisPoints) => {
        expect(percentOf(amount, basisPoints) + percentOf(amount, 10_000 - basisPoints)).toBeLessThanOrEqual(amount)
      }),
    )
  })

  it('is exact where a floating-point number would not be', () => {
    expect(percentOf(AMOUNT_MAX, 3333)).toBe(3002099511605172n)
  })
})

describe('a proportion', () => {
  it('is all of it when the part is the whole', () => {
    fc.assert(
      fc.property(amounts, amounts, (amount, whole) => {
        expect(proportionOf(amount, whole, whole)).toBe(amount)
      }),
    )
  })
})

describe('an amount', () => {
  it.each([
    [0n, false],
    [-1n, false],
    [1n, true],
    [AMOUNT_MAX, true],
    [AMOUNT_MAX + 1n, false],
  ])('%s is one: %s', (amount, expected) => expect(isAmount(amount)).toBe(expected))

  it('refuses a sum that no boundary could carry', () => {
    expect(addAmounts(AMOUNT_MAX, 1n)).toBeNull()
    expect(addAmounts(AMOUNT_MAX - 1n, 1n)).toBe(AMOUNT_MAX)
  })
})
