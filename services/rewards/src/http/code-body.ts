import { idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import type { ReferralCode } from '../store/referral-codes.ts'

/** A referral code as callers see it. */
export const codeBody = z.object({
  code: z.string(),
  userId: idField,
  createdAt: timeField,
  isCurrent: z.boolean().meta({ description: "The owner's newest; older ones work as well." }),
})

export function toCodeBody({ createdAt, ...code }: ReferralCode): z.output<typeof codeBody> {
  return { ...code, createdAt: createdAt.toISOString() }
}
