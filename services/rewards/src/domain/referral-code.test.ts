import { expect, it } from 'vitest'
import { CODE_LENGTH, codeAlphabet, codeKey, codeOf, isVanityCode } from './referral-code.ts'

it('a drawn code has letters and digits that cannot be mistaken for each other', () => {
  expect(new Set(codeAlphabet).size).toBe(31)
  expect(codeAlphabet).not.toMatch(/[01oil]/)
  expect(codeOf(Array.from({ length: CODE_LENGTH }, (_, index) => 30 - index))).toBe('zyxwvuts')
})

it.each(['ann', 'Ann-2026', 'a_b-c', 'x'.repeat(32)])('%s may be chosen', (code) => {
  expect(isVanityCode(code)).toBe(true)
})

it.each(['', 'ab', 'x'.repeat(33), '-ann', 'ann-', 'a--b', 'a b', 'ann!', 'änn', 'аnn', 'a/b'])(
  '%s may not',
  (code) => {
    expect(isVanityCode(code)).toBe(false)
  },
)

it('codes are the same in upper and lower case, and with blanks around them', () => {
  expect(codeKey(' Ann-2026 ')).toBe(codeKey('ann-2026'))
})
