import { z } from 'zod'
import { idField } from '../fields.ts'

/** Who brought whom, and by which code; no code when somebody attributed it by hand. */
export const referralParties = z.object({
  referralId: idField,
  referrerId: idField,
  refereeId: idField,
  code: z.string().nullable(),
})
