import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { referenceField } from '../fields.ts'
import { cashoutMovement } from './cashout.ts'

/** Published by payouts. The ledger books the money to what the provider has to settle. */
export const cashoutPaid = defineEvent({
  type: 'cashout.paid',
  description: 'The provider sent the money.',
  data: z.object({
    ...cashoutMovement,
    /** The provider's own name for the payment, by which its settlement lines may call it. */
    providerReference: referenceField.optional(),
  }),
})
