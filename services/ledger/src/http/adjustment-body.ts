import { amountField, currencyField, idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import { type Adjustment, adjustmentStatuses, historyOf } from '../domain/adjustment.ts'

const step = z.object({
  step: z.enum(['requested', 'approved', 'rejected', 'posted', 'refused']),
  by: z.string().nullable().meta({ description: "A person; null for the ledger's own answer." }),
  at: timeField,
  reason: z.string().nullable(),
})

/** An adjustment as callers see it. */
export const adjustmentBody = z.object({
  id: idField.meta({ description: 'Also the cause of its transfers.' }),
  userId: idField,
  direction: z.enum(['credit', 'debit']),
  amount: amountField,
  currency: currencyField,
  reason: z.string(),
  status: z.enum(adjustmentStatuses),
  refusal: z
    .string()
    .nullable()
    .meta({ description: 'Why the ledger refused it, such as `insufficient_available`. Final: ask anew.' }),
  needsApproval: z.boolean(),
  requestedBy: z.string(),
  requestedAt: timeField,
  history: z.array(step),
})

export function toAdjustmentBody(adjustment: Adjustment): unknown {
  const history = historyOf(adjustment).map((one) => ({ ...one, at: one.at.toISOString() }))
  return { ...adjustment, requestedAt: adjustment.requestedAt.toISOString(), history }
}
