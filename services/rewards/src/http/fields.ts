import { timeField } from '@tributary/contracts'
import { type Asked, fromCursor, Problem } from '@tributary/service-kit'
import { z } from 'zod'

/** Text for people: no control characters, and no halves of characters, which no database keeps. */
export const textField = (lengthMax: number) =>
  z
    .string()
    .min(1)
    .max(lengthMax)
    .regex(/^[^\p{Cc}\p{Cs}]+$/u, { error: 'must not contain control characters' })

/** What people say and others will read: a reason, the name of a rule. */
export const wordsField = (lengthMax: number) =>
  textField(lengthMax).refine((text) => text.trim() !== '', { error: 'must not be blank' })

const earliestMs = Date.parse('2000-01-01T00:00:00Z')
const latestMs = Date.parse('2100-01-01T00:00:00Z')

/** A time that a rule may speak of; others are slips of the pen. */
export const ruleTimeField = timeField.refine((time) => Date.parse(time) >= earliestMs && Date.parse(time) < latestMs, {
  error: 'must lie between 2000 and 2100',
})

const isId = (text: string) => z.uuid().safeParse(text).success

/** The id that a page ended with; undefined for the first page. */
export function pageBefore(cursor: string | undefined, asked: Asked): string | undefined {
  const [before] = fromCursor(cursor, asked, 1) ?? []
  if (before !== undefined && !isId(before)) throw notACursor()
  return before
}

/** The event and the revision that a page of decisions ended with. */
export function pageBeforeDecision(
  cursor: string | undefined,
  asked: Asked,
): { eventId: string; revision: number } | undefined {
  const [eventId, revision] = fromCursor(cursor, asked, 2) ?? []
  if (eventId === undefined || revision === undefined) return undefined
  if (!isId(eventId) || !/^[1-9]\d{0,8}$/.test(revision)) throw notACursor()
  return { eventId, revision: Number(revision) }
}

// A cursor is opaque, not secret: somebody may have made one up.
const notACursor = () =>
  new Problem('payload_invalid', { errors: [{ path: '/query/cursor', message: 'is no cursor of this list' }] })
