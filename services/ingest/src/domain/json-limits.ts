/** Deeper than any event we know of; a parser that recurses must never meet the thousands that fit into 64 KiB. */
export const DEPTH_MAX = 32

/** Where in a payload something is that not every reader of it could take, as a JSON pointer, and what. */
export type JsonFault = Readonly<{ path: string; message: string }>

/**
 * The first thing in a parsed payload that would break a reader further on, or null: PostgreSQL's JSON takes no NUL and
 * no half of a surrogate pair, a number beyond a double's range becomes Infinity in JavaScript and null after it, and
 * a key `__proto__` is an attack on whoever copies the object.
 */
export function findJsonFault(value: unknown, path = ''): JsonFault | null {
  const fault = find(value, 0)
  return fault && { path: `${path}${fault.path}`, message: fault.message }
}

function find(value: unknown, depth: number): JsonFault | null {
  if (typeof value === 'string') return isPlainText(value) ? null : here(textFault)
  if (typeof value === 'number') return Number.isFinite(value) ? null : here('must fit a double')
  if (typeof value !== 'object' || value === null) return null
  if (depth >= DEPTH_MAX) return here(`must not be nested more than ${DEPTH_MAX} deep`)
  const isList = Array.isArray(value)
  for (const key of Object.keys(value)) {
    if (!isList && !isPlainText(key)) return here(`must not have a key that ${keyFault}`)
    if (key === '__proto__') return here('must not have a key __proto__')
    const fault = find((value as Record<string, unknown>)[key], depth + 1)
    // The path is put together on the way back: nearly all payloads have no fault to lead to.
    if (fault) return { path: `/${escapeKey(key)}${fault.path}`, message: fault.message }
  }
  return null
}

const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c

/**
 * Whether some object in a JSON text has a key more than once. `value` is what the text parses to, not nested deeper than
 * `DEPTH_MAX`. It shows only the last value of such a key, so nothing that was checked in it is known of the others; a
 * reader of the text (PostgreSQL, when it publishes the journal) meets them all.
 */
export function hasRepeatedKey(text: string, value: unknown): boolean {
  let members = 0
  let isInString = false
  // In a text that parses, backslashes stand only in strings, and outside of them a colon only after a key.
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === QUOTE) isInString = !isInString
    else if (code === COLON && !isInString) members++
  }
  return members !== countMembers(value)
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const children = Object.values(value)
  return children.reduce<number>((sum, child) => sum + countMembers(child), Array.isArray(value) ? 0 : children.length)
}

const here = (message: string): JsonFault => ({ path: '', message })
const textFault = 'must not contain NUL or half of a surrogate pair'
const keyFault = 'contains NUL or half of a surrogate pair'

function isPlainText(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed()
}

/** RFC 6901. Cut, so that an answer never grows with what was sent. */
function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 64)
}
