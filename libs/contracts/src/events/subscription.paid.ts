import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { amountField, currencyField, referenceField } from '../fields.ts'

/** Published by ingest. */
export const subscriptionPaid = defineEvent({
  type: 'subscription.paid',
  description: 'A customer paid an invoice; rules may reward whoever referred them, or them.',
  data: z.looseObject({
    externalUserId: referenceField,
    invoiceId: referenceField,
    subscriptionId: referenceField,
    amount: amountField,
    currency: currencyField,
    period: z.int().min(1).max(100_000).optional(),
    productId: z.string().max(200).optional(),
  }),
})
