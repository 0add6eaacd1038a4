import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { reasonField } from '../fields.ts'
import { cashoutMovement } from './cashout.ts'

/** Published by payouts. Final. */
export const cashoutFailed = defineEvent({
  type: 'cashout.failed',
  description: 'The provider refused for good: the money is given back to the user.',
  data: z.object({ ...cashoutMovement, reason: reasonField }),
})
