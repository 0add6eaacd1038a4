import { amountField, currencyField, idField } from '../fields.ts'

/** What every movement of a reward says; `transactionId` is its row in rewards, and the ledger's cause. */
export const rewardMovement = {
  rewardId: idField,
  transactionId: idField,
  userId: idField,
  amount: amountField,
  currency: currencyField,
}
