import { defineEvent } from '../event.ts'
import { reasonField } from '../fields.ts'
import { referralParties } from './referral.ts'

/** Published by rewards. */
export const referralRejected = defineEvent({
  type: 'referral.rejected',
  description: 'A referral earns nothing, ever: somebody referred themselves, or a person found it wrong.',
  data: referralParties.extend({ reason: reasonField }),
})
