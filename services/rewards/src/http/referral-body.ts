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
  reason: z
    .string()
    .nullable()
    .meta({ description: 'Why it was rejected; `rejectedWhy` says more where a person did.' }),
  source: referralSources,
  doneBy: z.string().nullable().meta({ description: 'Who said so, where a person did; `note` says why.' }),
  note: z.string().nullable(),
  attributedAt: timeField,
  convertedAt: timeField.nullable(),
  expiredAt: timeField.nullable(),
  expiresAt: timeField
    .nullable()
    .meta({ description: 'The last instant of the first payment; null for never too late.' }),
  isLate: z
    .boolean()
    .meta({ description: 'Said of somebody registered before; what they did until then earns nothing.' }),
  settingsVersion: z
    .int()
    .nullable()
    .meta({ description: 'Of the attribution settings that counted; 0 before the first, null before there were any.' }),
  rejectedAt: timeField.nullable(),
  rejectedBy: z.string().nullable(),
  rejectedWhy: z.string().nullable(),
})

/** The same with all that the customer's registrations told of codes. */
export const referralWithTouchesBody = referralBody.extend({
  touches: z
    .array(
      z.object({
        eventId: idField,
        code: z.string().nullable().meta({ description: 'Null where its owner was erased.' }),
        ownerId: idField.nullable(),
        touchedAt: timeField,
        outcome: z.string().meta({ description: '`chosen`, or why it was not.' }),
      }),
    )
    .meta({ description: 'Registration by registration, the best touch of each first.' }),
})

export function toReferralBody({
  state,
  attributedAt,
  convertedAt,
  expiredAt,
  expiresAt,
  rejectedAt,
  ...referral
}: StoredReferral) {
  return {
    ...referral,
    status: state,
    attributedAt: attributedAt.toISOString(),
    convertedAt: convertedAt?.toISOString() ?? null,
    expiredAt: expiredAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
    rejectedAt: rejectedAt?.toISOString() ?? null,
  }
}
