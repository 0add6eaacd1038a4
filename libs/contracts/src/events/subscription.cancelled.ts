import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { referenceField } from '../fields.ts'

/** Published by ingest. */
export const subscriptionCancelled = defineEvent({
  type: 'subscription.cancelled',
  description: 'A subscription ended; its recurring rewards end with it.',
  data: z.looseObject({
    externalUserId: referenceField,
    subscriptionId: referenceField,
    reason: z.string().max(500).optional(),
  }),
})
