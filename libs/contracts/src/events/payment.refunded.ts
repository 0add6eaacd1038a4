import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { amountField, currencyField, referenceField } from '../fields.ts'

/** Published by ingest. */
export const paymentRefunded = defineEvent({
  type: 'payment.refunded',
  description: 'Money of an invoice went back to the customer, all of it or a part.',
  data: z.looseObject({
    invoiceId: referenceField,
    refundId: referenceField,
    amount: amountField,
    currency: currencyField,
    reason: z.string().max(500).optional(),
  }),
})
