/** Without what looks alike in some typeface: no 0 and o, no 1, i and l. */
export const codeAlphabet = '23456789abcdefghjkmnpqrstuvwxyz'

/** 31^8 is 8.5 * 10^11 codes, 39.6 bits: with a million given out, one guess in 850,000 hits. */
export const CODE_LENGTH = 8

/** A code made of random numbers below the alphabet's length. */
export function codeOf(numbers: readonly number[]): string {
  return numbers.map((number) => codeAlphabet.charAt(number)).join('')
}

/** Words by which people would take a code for the programme's own. */
const reserved =
  'admin administrator api billing code contact help info invite login logout moderator none null official owner ' +
  'payout payouts referral register reward rewards root security signup staff support system team tributary undefined user www'

/** A few that no customer should be sent; whole words only, since within others they are mostly innocent. */
const profane =
  'anal anus arse ass asshole bastard bitch bollocks cock cocksucker cunt dick dildo fag faggot fuck fucker fucking ' +
  'hitler jizz kike motherfucker nazi nigga nigger penis piss porn prick pussy rape rapist shit slut spic tits twat wank whore'

/**
 * What is left of a code when look-alikes are one: o and 0, l, i and 1, s and 5, b and 8, rn and m, vv and w; separators
 * and case do not count. Codes have no letters but these of ASCII, so there is nothing else to mistake them for.
 */
export function skeletonOf(code: string): string {
  const single = codeKey(code).replaceAll(/[0158i_-]/g, (character) => looksLike[character] ?? '')
  return single.replaceAll('rn', 'm').replaceAll('vv', 'w')
}

const looksLike: Readonly<Record<string, string>> = { 0: 'o', 1: 'l', 5: 's', 8: 'b', i: 'l' }

const skeletonsOf = (words: string): ReadonlySet<string> => new Set(words.split(' ').map(skeletonOf))
const reservedSkeletons = skeletonsOf(reserved)
const profaneSkeletons = skeletonsOf(profane)

/** Why people may not choose this code, in words; null if they may. Others may have it still. */
export function refusalOfCode(code: string): string | null {
  if (code.length < 3) return 'must have at least 3 characters'
  if (code.length > 32) return 'must have at most 32 characters'
  if (!/^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$/.test(code)) {
    return 'must have letters from a to z and digits only, with single - or _ between them'
  }
  const words = [code, ...code.split(/[-_]/)].map(skeletonOf)
  if (reservedSkeletons.has(skeletonOf(code))) return 'is reserved, or looks like a word that is'
  if (words.some((word) => profaneSkeletons.has(word))) return 'has a word that is not accepted'
  return null
}

/** What codes are compared by: `Ann-2026` and `ann-2026 ` are one. */
export function codeKey(code: string): string {
  return code.trim().toLowerCase()
}

/** A code and who earns by it. */
export type CodeOwner = Readonly<{ userId: string; code: string; email: string | null }>
