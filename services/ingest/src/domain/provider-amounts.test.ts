import { type Currency, currencies, minorDigits } from '@tributary/money'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minorUnitsOfDecimal, minorUnitsOfStripe } from './provider-amounts.ts'

describe('an amount with a decimal point', () => {
  it.each([
    ['10.00', 'USD', 1000n],
    ['10', 'USD', 1000n],
    ['10.5', 'USD', 1050n],
    ['0.29', 'USD', 29n],
    ['1.005', 'KWD', 1005n],
    ['1.0050', 'KWD', 1005n],
    ['1200', 'JPY', 1200n],
    ['1200.00', 'JPY', 1200n],
    ['999999999999999.99', 'USD', 99999999999999999n],
    ['1200.50', 'JPY', null],
    ['10.001', 'USD', null],
    ['-1.00', 'USD', null],
    ['1e3', 'USD', null],
    ['1,00', 'USD', null],
    ['.50', 'USD', null],
    ['', 'USD', null],
    [' 1.00', 'USD', null],
  ] as const)('%s %s is %s', (text, currency, expected) => {
    expect(minorUnitsOfDecimal(text, currency)).toBe(expected)
  })

  it('is exact for every currency', () => {
    fc.assert(
      fc.property(fc.constantFrom(...currencies), fc.bigInt({ min: 0n, max: 2n ** 53n }), (currency, units) => {
        const digits = minorDigits(currency)
        const padded = units.toString().padStart(digits + 1, '0')
        const whole = padded.slice(0, padded.length - digits)
        const text = digits === 0 ? whole : `${whole}.${padded.slice(-digits)}`
        expect(minorUnitsOfDecimal(text, currency)).toBe(whole.length > 15 ? null : units)
      }),
    )
  })
})

describe('an amount of Stripe', () => {
  it.each([
    [4900n, 'USD', 4900n],
    [5000n, 'JPY', 5000n],
    [1005n, 'KWD', 1005n],
    // Two-decimal in the API, without smaller coins in ISO 4217.
    [500n, 'ISK', 5n],
    [500n, 'UGX', 5n],
    // Zero-decimal in the API, with two digits in ISO 4217.
    [500n, 'MGA', 50_000n],
    [550n, 'ISK', null],
    [1n, 'UGX', null],
  ] as const)('%s of %s is %s', (amount, currency, expected) => {
    expect(minorUnitsOfStripe(amount, currency as Currency)).toBe(expected)
  })
})
