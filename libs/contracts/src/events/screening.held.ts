import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { reasonField } from '../fields.ts'
import { screeningOutcome } from './screening.ts'

/** Published by fraud. */
export const screeningHeld = defineEvent({
  type: 'screening.held',
  description: 'The subject looks wrong enough for a person to look at it: it waits.',
  data: z.object({ ...screeningOutcome, reason: reasonField }),
})
