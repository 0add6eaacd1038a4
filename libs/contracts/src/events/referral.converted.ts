import { defineEvent } from '../event.ts'
import { referralParties } from './referral.ts'

/** Published by rewards. */
export const referralConverted = defineEvent({
  type: 'referral.converted',
  description: 'A referred customer paid for the first time.',
  data: referralParties,
})
