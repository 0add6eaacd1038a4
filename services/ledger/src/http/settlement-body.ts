import { amountField, amountOrZeroField, currencyField, idField, providerField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import { lineTypes, unmatchedReasons } from '../domain/settlement.ts'
import type { ShownLine } from '../store/settlements.ts'

/** A settlement line with all that became of it, as callers see it. */
export const settlementBody = z.object({
  id: idField.meta({ description: 'Also the cause of its transfers.' }),
  provider: providerField,
  lineId: z.string(),
  type: z.enum(lineTypes),
  reference: z.string(),
  amount: amountField,
  currency: currencyField,
  fee: amountOrZeroField,
  feeCauseId: idField.nullable().meta({ description: "The cause of the fee's transfers." }),
  settledAt: timeField,
  receivedAt: timeField,
  receivedBy: z.string(),
  status: z.enum(['matched', 'unmatched', 'dismissed']),
  reason: z.enum(unmatchedReasons).nullable().meta({ description: 'Why it is unmatched.' }),
  cashoutId: idField.nullable(),
  closedAt: timeField.nullable(),
  closedBy: z.string().nullable().meta({ description: 'The person who closed it; null where its reference did.' }),
  closedWhy: z.string().nullable(),
})

export function toSettlementBody(line: ShownLine): unknown {
  return { ...line, receivedAt: line.receivedAt.toISOString(), closedAt: line.closedAt?.toISOString() ?? null }
}
