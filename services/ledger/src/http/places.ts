import { idField } from '@tributary/contracts'
import { Problem } from '@tributary/service-kit'
import { z } from 'zod'
import { instantField } from './fields.ts'

const DAY_MS = 24 * 3_600_000

/** Whole days between two instants; 0 for one that lies ahead. */
export function ageInDays(since: Date, now: Date): number {
  return Math.max(Math.floor((now.getTime() - since.getTime()) / DAY_MS), 0)
}

/** The places that cursors hold. */
export const placeShapes = {
  id: z.tuple([idField]),
  number: z.tuple([z.string().regex(/^\d{1,18}$/)]),
  outstanding: z.tuple([instantField, idField, z.enum(['payout', 'refund'])]),
}

/** A cursor is not signed, so what is in it is checked like any input. */
export function readPlace<Shape extends z.ZodType>(
  shape: Shape,
  parts: readonly string[] | null,
): z.output<Shape> | null {
  if (parts === null) return null
  const { data, success } = shape.safeParse(parts)
  if (success) return data
  throw new Problem('payload_invalid', { errors: [{ path: '/query/cursor', message: 'is no place in this list' }] })
}
