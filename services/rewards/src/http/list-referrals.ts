import { idField } from '@tributary/contracts'
import { answer, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { listReferrals as findReferrals } from '../store/referrals.ts'
import { pageBefore } from './fields.ts'
import { referralBody, referralSources, referralStates, toReferralBody } from './referral-body.ts'

export const listReferrals = route({
  method: 'GET',
  path: '/api/v1/referrals',
  summary: 'Who brought whom, newest first; userId finds the referrals by a user and of them',
  access: { scope: 'users:read' },
  query: z.object({
    ...pageQuery,
    userId: idField.optional(),
    referrerId: idField.optional(),
    refereeId: idField.optional(),
    status: referralStates.optional(),
    source: referralSources.optional(),
  }),
  answers: { 200: pageOf(referralBody) },

  async handle({ query: { limit, cursor, ...filters } }, { db }) {
    const asked = { list: 'referrals', ...filters }
    const before = pageBefore(cursor, asked)
    const { status: state, ...rest } = filters
    const rows = await findReferrals(db, { ...rest, state, before, limit: limit + 1 })
    const { items, nextCursor } = toPage(rows, limit, asked, (row) => [row.id])
    return answer(200, { items: items.map(toReferralBody), nextCursor })
  },
})
