import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { screeningOutcome } from './screening.ts'

/** Published by fraud. */
export const screeningPassed = defineEvent({
  type: 'screening.passed',
  description: 'Nothing looks wrong with the subject: it may go on.',
  data: z.object(screeningOutcome),
})
