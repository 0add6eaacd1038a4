import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { reasonField } from '../fields.ts'
import { cashoutMovement } from './cashout.ts'

/** Published by payouts. Final. */
export const cashoutCancelled = defineEvent({
  type: 'cashout.cancelled',
  description: 'The cashout was called off before it was sent: the money is given back to the user.',
  data: z.object({ ...cashoutMovement, reason: reasonField }),
})
