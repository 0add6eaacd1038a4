import { answer, fromCursor, Problem, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { listCheckpointsBefore } from '../store/checkpoints.ts'
import { checkpointBody, toCheckpointBody } from './checkpoint-body.ts'

export const listCheckpoints = route({
  method: 'GET',
  path: '/api/v1/checkpoints',
  summary: 'Signed checkpoints of the books, newest first.',
  access: { scope: 'ledger:read' },
  query: z.object(pageQuery),
  answers: { 200: pageOf(checkpointBody) },

  async handle({ query: { limit, cursor } }, { db }) {
    const [before = null] = fromCursor(cursor, {}, 1) ?? []
    if (before !== null && !/^\d{1,18}$/.test(before)) {
      throw new Problem('payload_invalid', {
        errors: [{ path: '/query/cursor', message: 'is no cursor of this list' }],
      })
    }
    const rows = await listCheckpointsBefore(db, before, limit + 1)
    const { items, nextCursor } = toPage(rows, limit, {}, ({ sequence }) => [sequence])
    return answer(200, { items: items.map(toCheckpointBody), nextCursor })
  },
})
