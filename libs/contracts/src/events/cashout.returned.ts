import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { reasonField } from '../fields.ts'
import { cashoutMovement } from './cashout.ts'

/** Published by payouts. */
export const cashoutReturned = defineEvent({
  type: 'cashout.returned',
  description: 'The money came back after it had been paid, as from a closed account: it is given back to the user.',
  data: z.object({ ...cashoutMovement, reason: reasonField }),
})
