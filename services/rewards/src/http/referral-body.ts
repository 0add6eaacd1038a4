import { idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import type { StoredReferral } from '../store/referrals.ts'

export const referralStates = z.enum(['registered', 'converted', 'rejected', 'expired'])
export const referralSources = z.enum(['code', 'person', 'import'])

/** A referral as callers see it. */
export const referralBody = z.object({
  id: idField,
  referrerId: idField,
  refereeId: idField,
  code: z.string().nullable(),
  status: referralStates,
  reason: z.string().nullable().meta({ description: 'Why it was rejected.' }),
  source: referralSources,
  doneBy: z.string().nullable().meta({ description: 'Who said so, where a person did; `note` says why.' }),
  note: z.string().nullable(),
  attributedAt: timeField,
  convertedAt: timeField.nullable(),
  expiredAt: timeField.nullable(),
})

export function toReferralBody({ state, attributedAt, convertedAt, expiredAt, ...referral }: StoredReferral) {
  return {
    ...referral,
    status: state,
    attributedAt: attributedAt.toISOString(),
    convertedAt: convertedAt?.toISOString() ?? null,
    expiredAt: expiredAt?.toISOString() ?? null,
  }
}
