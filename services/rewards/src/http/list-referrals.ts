import { idField, timeField } from '@tributary/contracts'
import { answer, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { listReferrals as findReferrals, type StoredReferral } from '../store/referrals.ts'
import { pageBefore } from './fields.ts'

const states = z.enum(['registered', 'converted', 'rejected', 'expired'])

const referralBody = z.object({
  id: idField,
  referrerId: idField,
  refereeId: idField,
  code: z.string().nullable(),
  status: states,
  reason: z.string().nullable().meta({ description: 'Why it was rejected.' }),
  attributedAt: timeField,
  convertedAt: timeField.nullable(),
})

export const listReferrals = route({
  method: 'GET',
  path: '/api/v1/referrals',
  summary: 'Who brought whom, newest first; userId finds the referrals by a user and of them',
  access: { scope: 'users:read' },
  query: z.object({ ...pageQuery, userId: idField.optional(), status: states.optional() }),
  answers: { 200: pageOf(referralBody) },

  async handle({ query: { limit, cursor, ...filters } }, { db }) {
    const before = pageBefore(cursor, filters)
    const { userId, status: state } = filters
    const rows = await findReferrals(db, { userId, state, before, limit: limit + 1 })
    const { items, nextCursor } = toPage(rows, limit, filters, (row) => [row.id])
    return answer(200, { items: items.map(toReferralBody), nextCursor })
  },
})

function toReferralBody({ state, attributedAt, convertedAt, ...referral }: StoredReferral) {
  return {
    ...referral,
    status: state,
    attributedAt: attributedAt.toISOString(),
    convertedAt: convertedAt?.toISOString() ?? null,
  }
}
