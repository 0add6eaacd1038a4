import { idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { findUser } from '../store/users.ts'
import { toUserBody, userBody } from './user-body.ts'

export const getUser = route({
  method: 'GET',
  path: '/api/v1/users/{id}',
  summary: 'One user',
  access: { scope: 'users:read' },
  params: z.object({ id: idField }),
  answers: { 200: userBody },
  problems: ['not_found'],

  async handle({ params: { id } }, { db }) {
    const user = await findUser(db, id)
    if (user === null) throw new Problem('not_found', { detail: `there is no user ${id}` })
    return answer(200, toUserBody(user))
  },
})
