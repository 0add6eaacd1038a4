import { idField, memberErased, timeField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { erasePerson, hasWaitingEvents } from '../store/erasure.ts'
import { lockReferees } from '../store/referees.ts'
import { findUser, lockUser } from '../store/users.ts'
import { doerOf } from './doer.ts'

/** Asked again, it answers when it was done. Rewards, referrals and the books of the id stay as they are. */
export const erasePersonalData = route({
  method: 'DELETE',
  path: '/api/v1/users/{id}/personal-data',
  summary:
    "Remove a person's data for good: names, addresses, codes and what senders told of them. Their id keeps its rewards and its money; nobody finds them by external id or address again",
  access: { scope: 'users:erase' },
  params: z.object({ id: idField }),
  answers: { 200: z.object({ userId: idField, erasedAt: timeField }) },
  problems: ['not_found'],

  async handle({ params: { id } }, { transaction, now, principal }) {
    const at = now()
    return transaction(async (tx, publish) => {
      const found = await findUser(tx, id)
      if (found === null) throw new Problem('not_found', { detail: `there is no user ${id}` })
      const { externalId } = found
      // As everywhere: the customer first. Whatever is being decided about them ends before, or begins after.
      const referee = (await lockReferees(tx, [externalId], at)).get(externalId)
      const user = (await lockUser(tx, id, 'update'))!
      if (user.erasedAt !== null) return answer(200, { userId: id, erasedAt: user.erasedAt.toISOString() })
      if (referee?.userId != null && (await hasWaitingEvents(tx, externalId))) {
        const detail = 'events that came before the registration are still being decided; try again in a minute'
        throw new Problem('temporarily_unavailable', { detail, headers: { 'retry-after': '60' } })
      }
      const goneForGood = JSON.stringify(new Problem('user_erased').toBody())
      await erasePerson(tx, { userId: id, externalId, at, doneBy: doerOf(principal), answer: goneForGood })
      publish(memberErased, {
        data: { userId: id, externalUserId: externalId },
        because: { correlationId: id, subject: id },
      })
      return answer(200, { userId: id, erasedAt: at.toISOString() })
    })
  },
})
