import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { reasonField } from '../fields.ts'
import { cashoutMovement } from './cashout.ts'

/** Published by payouts. Final. */
export const cashoutRejected = defineEvent({
  type: 'cashout.rejected',
  description: 'Somebody refused the cashout: the money is given back to the user.',
  data: z.object({ ...cashoutMovement, reason: reasonField }),
})
