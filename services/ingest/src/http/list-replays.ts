import { answer, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { listReplays as findReplays } from '../store/replays.ts'
import { idFromCursor } from './list-fields.ts'
import { replayBody, toReplayBody } from './replay-body.ts'

const ASKED = { list: 'replays' }

export const listReplays = route({
  method: 'GET',
  path: '/api/v1/webhooks/replays',
  summary: 'Replays, newest first.',
  access: { scope: 'webhooks:read' },
  query: z.object(pageQuery),
  answers: { 200: pageOf(replayBody) },

  async handle({ query: { limit, cursor } }, { db }) {
    const rows = await findReplays(db, idFromCursor(cursor, ASKED), limit + 1)
    const { items, nextCursor } = toPage(rows, limit, ASKED, (row) => [row.id])
    return answer(200, { items: items.map(toReplayBody), nextCursor })
  },
})
