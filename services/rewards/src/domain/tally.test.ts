import { AMOUNT_MAX } from '@tributary/money'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitLines } from './tally.ts'

test('lines stay whole where they fit, and however they are split, they add up to the same', () => {
  const line = { kind: 'earned', currency: 'USD' } as const
  expect(splitLines([{ ...line, count: 3, amount: AMOUNT_MAX }])).toEqual([{ ...line, count: 3, amount: AMOUNT_MAX }])
  const amounts = fc.array(fc.bigInt({ min: 1n, max: AMOUNT_MAX }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(amounts, (all) => {
      const amount = all.reduce((sum, one) => sum + one, 0n)
      const parts = splitLines([{ ...line, count: all.length, amount }])
      expect(parts.reduce((sum, part) => sum + part.amount, 0n)).toBe(amount)
      expect(parts.reduce((sum, part) => sum + part.count, 0)).toBe(all.length)
      expect(parts.every((part) => part.count >= 1 && part.amount >= 1n && part.amount <= AMOUNT_MAX)).toBe(true)
    }),
  )
})
