import { AMOUNT_MAX, type Currency, currencies } from '@tributary/money'
import { z } from 'zod'

/** Integer minor units. A JSON number on the wire (at most 2^53 - 1), a bigint in the code. */
export const amountField = z
  .codec(z.int().min(1).max(Number(AMOUNT_MAX)), z.bigint(), {
    decode: (minorUnits) => BigInt(minorUnits),
    encode: (amount) => Number(amount),
  })
  .meta({ description: 'Integer minor units, 1 to 2^53 - 1.' })

/** Like `amountField`, but zero is allowed. */
export const amountOrZeroField = z.codec(z.int().min(0).max(Number(AMOUNT_MAX)), z.bigint(), {
  decode: (minorUnits) => BigInt(minorUnits),
  encode: (amount) => Number(amount),
})

export const currencyField = z
  .enum(currencies as [Currency, ...Currency[]], {
    error: 'must be an ISO 4217 code in use, in capitals, such as USD',
  })
  .meta({ description: 'ISO 4217 code in capitals.', examples: ['USD'] })

/** A reference that a sender chose: printable, 1 to 200 characters, no surrounding blanks. */
export const referenceField = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{C}+$/u, { error: 'must not contain control characters' })
  .refine((text) => text.trim() === text, { error: 'must not start or end with a blank' })

export const idField = z.uuid()
/** RFC 3339 with an offset or Z. */
export const timeField = z.iso.datetime({ offset: true })
/** A short machine-readable reason, such as `no_referral`. */
export const reasonField = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/)
