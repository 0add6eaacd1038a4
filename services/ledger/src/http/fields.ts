import { z } from 'zod'

/** Minor units that may be below zero, such as a balance by effective time: a JSON number, exact to 2^53 - 1. */
export const minorUnitsField = z.codec(z.int(), z.bigint(), {
  decode: (minorUnits) => BigInt(minorUnits),
  encode: (amount) => Number(amount),
})

/** A count that fits a JSON number. */
export const countField = z.int().min(0)
