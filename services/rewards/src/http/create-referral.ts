import { idField, referralCreated } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { refusalOfReferrer } from '../domain/referral.ts'
import { datedFrom } from '../steps/attribution.ts'
import { listTerms } from '../store/attribution-settings.ts'
import { listBrought, lockChains } from '../store/brought.ts'
import { lockReferees, registerReferees } from '../store/referees.ts'
import { findCode } from '../store/referral-codes.ts'
import { findReferralOf, insertToldReferral } from '../store/referrals.ts'
import { findUser, lockUser, type User } from '../store/users.ts'
import { doerOf } from './doer.ts'
import { textField, wordsField } from './fields.ts'
import { referralBody, toReferralBody } from './referral-body.ts'

const conflict = (detail: string) => new Problem('referral_conflict', { detail })
const unknown = (detail: string) => new Problem('not_found', { detail })

/**
 * Says by hand who brought a customer, where a registration did not. It counts from now on: what happened before is not
 * rewarded, except payments that still wait for the customer to register.
 */
export const createReferral = route({
  method: 'POST',
  path: '/api/v1/referrals',
  summary: 'Say who brought a customer whom nobody was said to have brought; counts from now on',
  access: { scope: 'users:write' },
  body: z
    .object({
      refereeId: idField,
      referrerId: idField.optional(),
      code: textField(64).optional(),
      reason: wordsField(500).meta({ description: 'Why, in your words; kept with who did it.' }),
    })
    .refine(({ referrerId, code }) => (referrerId === undefined) !== (code === undefined), {
      error: 'needs either referrerId or code',
      path: ['referrerId'],
    }),
  idempotencyKey: 'optional',
  examples: {
    body: {
      'By the code that they told us of': {
        refereeId: '01980f00-6666-7aaa-8bbb-000000000006',
        code: 'friend-of-bob',
        reason: 'Forgot to enter the code; ticket 4711',
      },
    },
  },
  answers: { 201: referralBody },
  problems: ['not_found', 'referral_conflict', 'user_erased'],

  async handle({ body: { refereeId, referrerId, code, reason } }, { transaction, now, newId, principal }) {
    const at = now()
    return transaction(async (tx, publish) => {
      const found = await findUser(tx, refereeId)
      if (found === null) throw unknown(`there is no user ${refereeId}`)
      const anchor = (await lockReferees(tx, [found.externalId], at)).get(found.externalId)!
      await lockChains(tx)
      const by = code === undefined ? null : await findCode(tx, code)
      const giver = referrerId ?? by?.userId
      if (giver === undefined) throw unknown('nobody has this code')
      // Sorted: two who are said to have brought each other at the same instant wait in turn.
      const people = new Map<string, User>()
      for (const id of [...new Set([refereeId, giver])].toSorted()) people.set(id, await mustLock(tx, id))
      const [referee, referrer] = [people.get(refereeId)!, people.get(giver)!]
      await refuseReferrer(tx, referrer, referee)
      if ((await findReferralOf(tx, refereeId)) !== null) throw conflict('somebody has been said to have brought them')
      if (anchor.userId === null) {
        await registerReferees(tx, [{ externalUserId: found.externalId, userId: refereeId, at }])
      }
      const id = newId()
      const dated = datedFrom(await listTerms(tx, at), at)
      const isLate = anchor.userId !== null
      const referral = { id, referrerId: referrer.id, refereeId, code: by?.code ?? null, isLate, ...dated }
      const told = { source: 'person', doneBy: doerOf(principal), note: reason } as const
      await insertToldReferral(tx, { ...referral, ...told }, at)
      publish(referralCreated, {
        data: { referralId: id, referrerId: referrer.id, refereeId, code: referral.code },
        // Nothing but this request caused it; it goes back to the customer.
        because: { correlationId: refereeId, subject: refereeId },
        time: at,
      })
      return answer(201, toReferralBody((await findReferralOf(tx, refereeId))!))
    })
  },
})

async function refuseReferrer(tx: Transaction, referrer: User, referee: User): Promise<void> {
  const brought = await listBrought(tx, [referrer.id])
  const people = [referrer, referee].map(({ id, email }) => ({ userId: id, email }))
  const refusal = refusalOfReferrer(people[0]!, people[1]!, brought)
  if (refusal === 'self_referral') throw conflict('nobody refers themselves')
  if (refusal === 'circular_referral') throw conflict('the one was brought by the other, or by whom the other brought')
}

async function mustLock(tx: Transaction, id: string): Promise<User> {
  const user = await lockUser(tx, id, 'share')
  if (user === null) throw unknown(`there is no user ${id}`)
  if (user.erasedAt !== null) throw new Problem('user_erased')
  return user
}
