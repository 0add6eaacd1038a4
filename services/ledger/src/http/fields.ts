import { idField } from '@tributary/contracts'
import { z } from 'zod'

/** Minor units that may be below zero, such as a balance by effective time: a JSON number, exact to 2^53 - 1. */
export const minorUnitsField = z.codec(z.int(), z.bigint(), {
  decode: (minorUnits) => BigInt(minorUnits),
  encode: (amount) => Number(amount),
})

/** Not in the standard library's types yet. */
const { rawJSON } = JSON as unknown as { rawJSON(this: void, text: string): unknown }

/** Minor units summed over many accounts: a JSON integer with every digit, also beyond 2^53 - 1. */
export const sumField = z.codec(
  z.unknown().meta({ type: 'integer', description: 'Every digit is exact, also beyond 2^53 - 1.' }),
  z.bigint(),
  { decode: (minorUnits) => BigInt(String(minorUnits)), encode: (sum) => rawJSON(String(sum)) },
)

/** A count that fits a JSON number. */
export const countField = z.int().min(0)

/** Why a person did something, in their words. */
export const whyField = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: 'must not contain control characters' })

/**
 * An instant to ask the database about: in UTC to the microsecond, what is finer is cut off. PostgreSQL itself would round,
 * knows no year 0 and takes offsets of less than 16 hours.
 */
export const instantField = z.iso
  .datetime({ offset: true, error: 'must be a time as of RFC 3339 with Z or an offset, such as 2026-03-01T12:00:00Z' })
  .transform(toMicroseconds)
  .refine((instant) => /^(?!0000)\d{4}-/.test(instant), { error: 'must lie in the years 1 to 9999' })

/** An id in a path or a query, as the database writes it, so that answers and cursors are the same in capitals. */
export const namedIdField = idField.toLowerCase()

function toMicroseconds(time: string): string {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? ''
  const whole = new Date(time.replace(`.${fraction}`, '')).toISOString()
  return whole.replace('.000Z', `.${fraction.slice(0, 6).padEnd(6, '0')}Z`)
}
