import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { amountField, currencyField, idField, timeField } from '../fields.ts'

/** Published by ledger, under `transfer.posted.<kind>`: earn, release, reverse, net and their like. */
export const transferPosted = defineEvent({
  type: 'transfer.posted.*',
  description: 'Money moved from one account to another, once and for ever.',
  data: z.object({
    transferId: idField,
    /** What asked for it: a reward transaction's id, for rewards. */
    causeId: idField,
    kind: z.string().regex(/^[a-z][a-z_]{0,31}$/),
    userId: idField.nullable(),
    rewardId: idField.nullable(),
    cashoutId: idField.nullish(),
    provider: z.string().nullish(),
    amount: amountField,
    currency: currencyField,
    postedAt: timeField,
  }),
})
