import { amountField, currencyField, idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import type { StoredTransfer } from '../store/transfers.ts'

/** A transfer as callers see it. */
export const transferBody = z.object({
  id: idField,
  number: z.int().min(1).meta({ description: 'Counts all transfers in the order of posting, without gaps.' }),
  kind: z.string(),
  debitAccount: z.string(),
  creditAccount: z.string(),
  userId: idField.nullable(),
  provider: z.string().nullable(),
  amount: amountField,
  currency: currencyField,
  causeId: idField,
  rewardId: idField.nullable(),
  cashoutId: idField.nullable(),
  postedAt: timeField,
  effectiveAt: timeField,
})

export function toTransferBody({ number, ...transfer }: StoredTransfer): unknown {
  return { ...transfer, number: Number(number) }
}
