import { memberCreated, referenceField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { isSameEmail } from '../domain/referral.ts'
import { completeUsers, findOrCreateUsers } from '../store/users.ts'
import { textField } from './fields.ts'
import { userExamples } from './reward-examples.ts'
import { toUserBody, userBody } from './user-body.ts'

/**
 * Creates somebody who can earn, or answers who they are: the external id decides. What was not known of them is filled
 * in, what is known stays; another e-mail address is refused, since rewards would go to somebody else than meant.
 */
export const createUser = route({
  method: 'POST',
  path: '/api/v1/users',
  summary: 'Create a user, or find them by their external id',
  access: { scope: 'users:write' },
  body: z.object({
    externalId: referenceField,
    email: z.email().max(320),
    name: textField(200).optional(),
  }),
  idempotencyKey: 'optional',
  answers: { 200: userBody, 201: userBody },
  examples: userExamples,
  problems: ['user_conflict'],

  async handle({ body: { externalId, email, name = null } }, { transaction, now, newId }) {
    return transaction(async (tx, publish) => {
      const { users, created } = await findOrCreateUsers(tx, [{ id: newId(), externalId, email, name }], now())
      const user = users.get(externalId)!
      if (created.has(user.id)) {
        // Nothing but this request caused it; it goes back to the user themselves.
        const because = { correlationId: user.id, subject: user.id }
        publish(memberCreated, { data: { userId: user.id, externalUserId: externalId }, because })
        return answer(201, toUserBody(user))
      }
      if (user.email !== null && !isSameEmail(user.email, email)) {
        throw new Problem('user_conflict', { detail: `${externalId} is known with another e-mail address` })
      }
      if (user.email === null || (user.name === null && name !== null)) {
        await completeUsers(tx, [{ userId: user.id, email, name }])
      }
      return answer(200, toUserBody({ ...user, email: user.email ?? email, name: user.name ?? name }))
    })
  },
})
