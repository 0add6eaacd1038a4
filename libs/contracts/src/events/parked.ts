import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { idField } from '../fields.ts'

/** Published by every service under its own name, as `rewards.parked`. */
export const messageParked = defineEvent({
  type: '*.parked',
  description: 'A message could not be handled and waits for a person.',
  data: z.object({
    parkedId: idField,
    service: z.string().max(32),
    /** The event that could not be handled. */
    subject: idField,
    type: z.string().max(128),
    reason: z.string().max(500),
  }),
})
