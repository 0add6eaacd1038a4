import { idField } from '@tributary/contracts'
import { type Asked, fromCursor, Problem } from '@tributary/service-kit'
import { z } from 'zod'

/** A webhook's id in a query. Also keeps out what PostgreSQL takes in no text. */
export const webhookIdField = z.string().regex(/^[\x21-\x7e]{1,128}$/, { error: 'is no webhook-id' })

/** The id at which a page ended, or null for the first. A cursor is not signed, so what it carries is checked. */
export function idFromCursor(cursor: string | undefined, asked: Asked): string | null {
  const [id] = fromCursor(cursor, asked, 1) ?? []
  if (id !== undefined && !idField.safeParse(id).success) {
    throw new Problem('payload_invalid', { errors: [{ path: '/query/cursor', message: 'is no cursor of this list' }] })
  }
  return id ?? null
}
