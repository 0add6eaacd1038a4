import { idField, referralRejected } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { referralTransitions } from '../domain/referral.ts'
import { lockReferees } from '../store/referees.ts'
import { findReferral, rejectReferral as reject } from '../store/referrals.ts'
import { findUser } from '../store/users.ts'
import { freeWaiting } from '../store/waiting-events.ts'
import { doerOf } from './doer.ts'
import { wordsField } from './fields.ts'
import { referralBody, toReferralBody } from './referral-body.ts'

/** One that has converted stays so: what it earned is reversed reward by reward. */
export const rejectReferral = route({
  method: 'POST',
  path: '/api/v1/referrals/{id}/reject',
  summary:
    'Reject a referral whose customer has not paid: it earns nothing from now on, for good; what it earned stays',
  access: { scope: 'users:write' },
  params: z.object({ id: idField }),
  body: z.object({ reason: wordsField(500).meta({ description: 'Why, in your words; kept with who did it.' }) }),
  idempotencyKey: 'optional',
  answers: { 200: referralBody },
  problems: ['not_found', 'referral_conflict'],

  async handle({ params: { id }, body: { reason } }, { transaction, now, principal }) {
    const at = now()
    return transaction(async (tx, publish) => {
      const referee = await findReferral(tx, id).then((found) =>
        found === null ? null : findUser(tx, found.refereeId),
      )
      if (referee === null) throw new Problem('not_found', { detail: `there is no referral ${id}` })
      // As everywhere: the customer first. A payment that is being decided ends before, or finds it rejected.
      await lockReferees(tx, [referee.externalId], at)
      const before = (await findReferral(tx, id))!
      if (!referralTransitions[before.state].includes('rejected')) {
        throw new Problem('referral_conflict', { detail: `a referral that is ${before.state} is not rejected` })
      }
      await reject(tx, id, { at, by: doerOf(principal), why: reason })
      await freeWaiting(tx, [referee.externalId])
      const { referrerId, refereeId, code } = before
      publish(referralRejected, {
        data: { referralId: id, referrerId, refereeId, code, reason: 'rejected_by_hand' },
        because: { correlationId: refereeId, subject: refereeId },
        time: at,
      })
      return answer(200, toReferralBody((await findReferral(tx, id))!))
    })
  },
})
