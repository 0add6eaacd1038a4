import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { amountField, currencyField, referenceField } from '../fields.ts'

/** Published by ingest. */
export const paymentDisputed = defineEvent({
  type: 'payment.disputed',
  description: 'A customer contests a payment with their bank, or the bank has ruled.',
  data: z.looseObject({
    invoiceId: referenceField,
    disputeId: referenceField,
    status: z.enum(['opened', 'won', 'lost']),
    amount: amountField.optional(),
    currency: currencyField.optional(),
  }),
})
