import { z } from 'zod'
import { idField } from '../fields.ts'

/** What every screening says. A subject may be screened more than once; the highest revision counts. */
export const screeningOutcome = {
  screeningId: idField,
  subject: z.enum(['reward', 'cashout', 'referral']),
  subjectId: idField,
  revision: z.int().min(1),
}
