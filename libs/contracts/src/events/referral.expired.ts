import { defineEvent } from '../event.ts'
import { referralParties } from './referral.ts'

/** Published by rewards. */
export const referralExpired = defineEvent({
  type: 'referral.expired',
  description:
    'A referred customer did not pay in time, as far as is known; a payment that happened in time and is told later still converts.',
  data: referralParties,
})
