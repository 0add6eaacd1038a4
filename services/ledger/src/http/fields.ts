import { timeField } from '@tributary/contracts'
import { z } from 'zod'

/** Minor units that may be below zero, such as a balance by effective time: a JSON number, exact to 2^53 - 1. */
export const minorUnitsField = z.codec(z.int(), z.bigint(), {
  decode: (minorUnits) => BigInt(minorUnits),
  encode: (amount) => Number(amount),
})

/** A count that fits a JSON number. */
export const countField = z.int().min(0)

/** An instant that PostgreSQL can be asked about: its calendar has no year 0. */
export const instantField = timeField.refine((time) => !time.startsWith('0000'), { error: 'must be after the year 0' })

/** Why a person did something, in their words. */
export const whyField = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: 'must not contain control characters' })
