import { expect, it } from 'vitest'
import { moneyWords } from './money-words.ts'

it.each([
  [1250n, 'USD', '12.50 USD'],
  [5n, 'USD', '0.05 USD'],
  [0n, 'EUR', '0.00 EUR'],
  [1250n, 'JPY', '1250 JPY'],
  [1250n, 'BHD', '1.250 BHD'],
  [-7n, 'USD', '-0.07 USD'],
  [9_007_199_254_740_991n, 'USD', '90071992547409.91 USD'],
  [1250n, 'ABC', '1250 ABC'],
])('%s in minor units of %s is %s', (amount, currency, words) => {
  expect(moneyWords(amount, currency)).toBe(words)
})
