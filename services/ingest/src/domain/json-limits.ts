/** Deeper than any event we know of; a parser that recurses must never meet the thousands that fit into 64 KiB. */
export const DEPTH_MAX = 32

/** Where in a payload something is that not every reader of it could take, as a JSON pointer, and what. */
export type JsonFault = Readonly<{ path: string; message: string }>

/**
 * The first thing in a parsed payload that would break a reader further on, or null: PostgreSQL's JSON takes no NUL and
 * no half of a surrogate pair, a number beyond a double's range becomes Infinity in JavaScript and null after it, and
 * a key `__proto__` is an attack on whoever copies the object.
 */
export function findJsonFault(value: unknown, path = '', depth = 0): JsonFault | null {
  if (typeof value === 'string') return isPlainText(value) ? null : { path, message: textFault }
  if (typeof value === 'number') return Number.isFinite(value) ? null : { path, message: 'must fit a double' }
  if (typeof value !== 'object' || value === null) return null
  if (depth >= DEPTH_MAX) return { path, message: `must not be nested more than ${DEPTH_MAX} deep` }
  const isList = Array.isArray(value)
  for (const key of Object.keys(value)) {
    if (!isList && !isPlainText(key)) return { path, message: `must not have a key that ${keyFault}` }
    if (key === '__proto__') return { path, message: 'must not have a key __proto__' }
    const fault = findJsonFault((value as Record<string, unknown>)[key], `${path}/${escapeKey(key)}`, depth + 1)
    if (fault) return fault
  }
  return null
}

const textFault = 'must not contain NUL or half of a surrogate pair'
const keyFault = 'contains NUL or half of a surrogate pair'

function isPlainText(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed()
}

/** RFC 6901. Cut, so that an answer never grows with what was sent. */
function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 64)
}
