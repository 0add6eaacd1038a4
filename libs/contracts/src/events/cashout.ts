import { z } from 'zod'
import { amountField, currencyField, idField } from '../fields.ts'

/** A payment provider's name, such as `stripe`. */
export const providerField = z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/)

/** What every movement of a cashout says; `transactionId` is its row in payouts, and the ledger's cause. */
export const cashoutMovement = {
  cashoutId: idField,
  transactionId: idField,
  userId: idField,
  amount: amountField,
  currency: currencyField,
  provider: providerField,
}
