import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { referenceField } from '../fields.ts'

/** Published by ingest. */
export const userRegistered = defineEvent({
  type: 'user.registered',
  description: 'A customer signed up with the app, perhaps with a referral code.',
  data: z.looseObject({
    externalUserId: referenceField,
    email: z.string().max(320).optional(),
    name: z.string().max(200).optional(),
    referralCode: z.string().max(64).optional(),
    ip: z.string().max(64).optional(),
    deviceId: z.string().max(200).optional(),
    country: z.string().max(64).optional(),
  }),
})
