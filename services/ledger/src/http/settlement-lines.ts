import { amountField, amountOrZeroField, currencyField, providerField, referenceField } from '@tributary/contracts'
import { AMOUNT_MAX } from '@tributary/money'
import { Problem } from '@tributary/service-kit'
import { z } from 'zod'
import { lineTypes, type SettlementLine } from '../domain/settlement.ts'
import { instantField } from './fields.ts'

export const LINES_MAX = 1_000

/** One line as a provider's file has it. */
export const lineShape = z
  .object({
    lineId: referenceField.meta({ description: "The provider's name for the line; the same again is the same line." }),
    type: z.enum(lineTypes),
    reference: referenceField.meta({ description: "The cashout's id, or the provider's own name for the payment." }),
    amount: amountField,
    currency: currencyField,
    fee: amountOrZeroField
      .optional()
      .meta({ description: 'What the provider charged for this payment, on top. Not on a line of type `fee`.' }),
    settledAt: instantField,
  })
  .refine((line) => line.type !== 'fee' || !line.fee, { path: ['fee'], error: 'a fee has no other fee' })

export const settlementsShape = z.object({ provider: providerField, lines: z.array(lineShape).min(1).max(LINES_MAX) })

const DAY_MS = 24 * 3_600_000
/** No provider's records go back further; an earlier time is a misread one. */
const EARLIEST = Date.UTC(2000, 0, 1)

/** The lines of a file. Refuses what only all of them, or the clock, can show: sums out of range, times that cannot be. */
export function toLines({ provider, lines }: z.output<typeof settlementsShape>, now: Date): SettlementLine[] {
  const latest = now.getTime() + DAY_MS
  const errors = lines.flatMap(({ settledAt }, index) => {
    const time = Date.parse(settledAt)
    if (time >= EARLIEST && time <= latest) return []
    return [{ path: `/lines/${index}/settledAt`, message: 'must lie between the year 2000 and tomorrow' }]
  })
  errors.push(...sumsOutOfRange(lines))
  if (errors.length > 0) throw new Problem('payload_invalid', { errors: errors.slice(0, 20) })
  return lines.map((line) => ({ ...line, provider, fee: line.fee ?? 0n }))
}

function sumsOutOfRange(lines: z.output<typeof settlementsShape>['lines']) {
  const sums = new Map<string, bigint>()
  for (const { currency, amount, fee = 0n } of lines) sums.set(currency, (sums.get(currency) ?? 0n) + amount + fee)
  return [...sums].flatMap(([currency, sum]) =>
    sum > AMOUNT_MAX ? [{ path: '/lines', message: `add up to more than 2^53 - 1 minor units of ${currency}` }] : [],
  )
}
