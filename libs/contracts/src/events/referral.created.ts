import { defineEvent } from '../event.ts'
import { referralParties } from './referral.ts'

/** Published by rewards. */
export const referralCreated = defineEvent({
  type: 'referral.created',
  description: 'A new customer was brought by a referrer.',
  data: referralParties,
})
