import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { amountField, currencyField, referenceField } from '../fields.ts'

/** Published by ingest, for every webhook whose type is not one of the five known ones. */
export const customEvent = defineEvent({
  type: 'custom.*',
  description: "An event of the app's own making, such as `custom.course.completed`; rules can react to it.",
  data: z.looseObject({
    externalUserId: referenceField,
    amount: amountField.optional(),
    currency: currencyField.optional(),
  }),
})
