import { idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { listTouches } from '../store/referral-touches.ts'
import { findReferral } from '../store/referrals.ts'
import { referralWithTouchesBody, toReferralBody } from './referral-body.ts'

/** Enough for several registrations with as many touches as one can have. */
const TOUCHES_MAX = 500

export const getReferral = route({
  method: 'GET',
  path: '/api/v1/referrals/{id}',
  summary: 'A referral, with each code that the customer met and why it was chosen or not',
  access: { scope: 'users:read' },
  params: z.object({ id: idField }),
  answers: { 200: referralWithTouchesBody },
  problems: ['not_found'],

  async handle({ params: { id } }, { db }) {
    const referral = await findReferral(db, id)
    if (referral === null) throw new Problem('not_found', { detail: `there is no referral ${id}` })
    const touches = await listTouches(db, referral.refereeId, TOUCHES_MAX)
    return answer(200, {
      ...toReferralBody(referral),
      touches: touches.map((touch) => ({ ...touch, touchedAt: touch.touchedAt.toISOString() })),
    })
  },
})
