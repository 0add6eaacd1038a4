import { expect, it } from 'vitest'
import { CODE_LENGTH, codeAlphabet, codeKey, codeOf, refusalOfCode, skeletonOf } from './referral-code.ts'

it('a drawn code has letters and digits that cannot be mistaken for each other', () => {
  expect(new Set(codeAlphabet).size).toBe(31)
  expect(codeAlphabet).not.toMatch(/[01oil]/)
  expect(codeOf(Array.from({ length: CODE_LENGTH }, (_, index) => 30 - index))).toBe('zyxwvuts')
})

it.each(['ann', 'Ann-2026', 'a_b-c', 'x'.repeat(32), 'Support-Ann', 'scunthorpe', 'class-of-26'])(
  '%s may be chosen',
  (code) => {
    expect(refusalOfCode(code)).toBeNull()
  },
)

const refused: Readonly<Record<string, readonly string[]>> = {
  'at least 3': ['', 'ab'],
  'at most 32': ['x'.repeat(33)],
  letters: ['-ann', 'ann-', 'a--b', 'a b', 'ann!', '\u00e4nn', '\u0430nn', 'a/b', 'ann\u200b'],
  reserved: ['admin', 'ADMIN', 'adm1n', 'adrnin', 'sup-port', '5upport', 'null'],
  'not accepted': ['shit', 'Sh1t', 'my-5h1t-code', 'a_s-fuck'],
}

it.each(Object.entries(refused).flatMap(([why, codes]) => codes.map((code) => ({ code, why }))))(
  '$code may not, and why',
  ({ code, why }) => {
    expect(refusalOfCode(code)).toContain(why)
  },
)

it.each([
  ['O0oO', 'oooo'],
  ['Il1i', 'llll'],
  ['bark-8B', 'barkbb'],
  ['rnodern_vv', 'modemw'],
])('%s looks like %s', (code, like) => {
  expect(skeletonOf(code)).toBe(like)
})

it('codes are the same in upper and lower case, and with blanks around them', () => {
  expect(codeKey(' Ann-2026 ')).toBe(codeKey('ann-2026'))
})
