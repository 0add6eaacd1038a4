/** Without what looks alike in some typeface: no 0 and o, no 1, i and l. */
export const codeAlphabet = '23456789abcdefghjkmnpqrstuvwxyz'

/** 31^8 is 8.5 * 10^11 codes: with a million given out, one guess in 850,000 hits. */
export const CODE_LENGTH = 8

/** A code made of random numbers below the alphabet's length. */
export function codeOf(numbers: readonly number[]): string {
  return numbers.map((number) => codeAlphabet.charAt(number)).join('')
}

/** Whether people may choose this code: 3 to 32 letters and digits, with single - or _ between them. */
export function isVanityCode(code: string): boolean {
  return code.length >= 3 && code.length <= 32 && /^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$/.test(code)
}

/** What codes are compared by: `Ann-2026` and `ann-2026 ` are one. */
export function codeKey(code: string): string {
  return code.trim().toLowerCase()
}

/** A code and who earns by it. */
export type CodeOwner = Readonly<{ userId: string; code: string; email: string | null }>
