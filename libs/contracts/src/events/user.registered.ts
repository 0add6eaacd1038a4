import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { referenceField, timeField } from '../fields.ts'

/** More than a customer meets before they sign up; what is beyond it is a mistake or an attack. */
const TOUCHES_MAX = 50

/** Published by ingest. */
export const userRegistered = defineEvent({
  type: 'user.registered',
  description: 'A customer signed up with the app, perhaps with a referral code.',
  data: z.looseObject({
    externalUserId: referenceField,
    email: z.string().max(320).optional(),
    name: z.string().max(200).optional(),
    referralCode: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'Counts as a touch at the time of the registration.' }),
    touches: z
      .array(z.looseObject({ code: z.string().max(64), at: timeField }))
      .max(TOUCHES_MAX)
      .optional()
      .meta({ description: 'Each time the customer met a referral code before they signed up, in any order.' }),
    ip: z.string().max(64).optional(),
    deviceId: z.string().max(200).optional(),
    country: z.string().max(64).optional(),
  }),
})
