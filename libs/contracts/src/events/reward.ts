import { z } from 'zod'
import { amountField, currencyField, idField } from '../fields.ts'

/** What every movement of a reward says; `transactionId` is its row in rewards, and the ledger's cause. */
export const rewardMovement = {
  rewardId: idField,
  transactionId: idField,
  userId: idField,
  amount: amountField,
  currency: currencyField,
}

/** `amount` is what was left of the reward at that moment. */
export const rewardHold = {
  ...rewardMovement,
  /** Counts the times that the reward went from free to held or back, from 1; the highest one known is how it stands. */
  sequence: z.int().min(1),
}
