import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from './json.ts'
import { Problem } from './problem.ts'

const wholeNumber = 'must be a whole number from 1 to 200'

/** The query fields of every list. */
export const pageQuery = {
  limit: z
    .preprocess(
      toWholeNumber,
      z.int({ error: wholeNumber }).min(1, { error: wholeNumber }).max(200, { error: wholeNumber }),
    )
    .default(50)
    .meta({ description: 'At most this many.' }),
  cursor: z
    .string()
    .max(500)
    .optional()
    .meta({ description: '`nextCursor` of the page before, with the same filters.' }),
}

/** Digits only: `Number` would also take `1e1`, `0x10` and nothing at all. */
function toWholeNumber(text: unknown): unknown {
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : text
}

/** The answer of every list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

/** What was asked for: which list, by a name of its own in its service, and under which filters. */
export type Asked = Readonly<{ list: string; [filter: string]: unknown }>

/**
 * Where a page ended, opaque, and bound to its list and filters: in another it would skip or repeat rows. It grants
 * nothing that the filters do not, so it is not signed.
 */
export function toCursor(place: readonly string[], asked: Asked): string {
  return Buffer.from(JSON.stringify([markOf(asked), ...place])).toString('base64url')
}

/** The place in a cursor; null for the first page. Refuses (`payload_invalid`) what is no cursor of this query. */
export function fromCursor(cursor: string | undefined, asked: Asked, parts: number): string[] | null {
  if (cursor === undefined) return null
  const read = parse(cursor)
  if (read === null || read.length !== parts + 1 || read[0] !== markOf(asked)) {
    throw new Problem('payload_invalid', {
      errors: [{ path: '/query/cursor', message: 'is no cursor of this list with these filters' }],
    })
  }
  return read.slice(1)
}

/** Of `limit + 1` rows read, the page and the cursor to the next. */
export function toPage<Row>(
  rows: readonly Row[],
  limit: number,
  asked: Asked,
  placeOf: (row: Row) => readonly string[],
): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last !== undefined ? toCursor(placeOf(last), asked) : null }
}

function markOf(asked: Asked): string {
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
  return createHash('sha256').update(canonicalJson(given)).digest('base64url').slice(0, 12)
}

const cursorShape = z.array(z.string().max(200)).min(2).max(6)

function parse(cursor: string): string[] | null {
  try {
    return cursorShape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch {
    return null
  }
}
