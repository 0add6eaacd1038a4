import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { reasonField } from '../fields.ts'
import { screeningOutcome } from './screening.ts'

/** Published by fraud. */
export const screeningFailed = defineEvent({
  type: 'screening.failed',
  description: 'The subject is fraud, as a rule or a person says: it is taken back.',
  data: z.object({ ...screeningOutcome, reason: reasonField }),
})
