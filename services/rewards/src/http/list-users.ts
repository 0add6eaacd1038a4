import { referenceField } from '@tributary/contracts'
import { answer, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { listUsers as findUsers } from '../store/users.ts'
import { pageBefore, textField } from './fields.ts'
import { toUserBody, userBody } from './user-body.ts'

export const listUsers = route({
  method: 'GET',
  path: '/api/v1/users',
  summary: 'Users, newest first',
  access: { scope: 'users:read' },
  query: z.object({ ...pageQuery, externalId: referenceField.optional(), email: textField(320).optional() }),
  answers: { 200: pageOf(userBody) },

  async handle({ query: { limit, cursor, ...filters } }, { db }) {
    const asked = { list: 'users', ...filters }
    const before = pageBefore(cursor, asked)
    const rows = await findUsers(db, { ...filters, before, limit: limit + 1 })
    const { items, nextCursor } = toPage(rows, limit, asked, (row) => [row.id])
    return answer(200, { items: items.map(toUserBody), nextCursor })
  },
})
