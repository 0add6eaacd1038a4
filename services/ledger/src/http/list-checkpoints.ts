import { answer, fromCursor, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { listCheckpointsBefore } from '../store/checkpoints.ts'
import { checkpointBody, toCheckpointBody } from './checkpoint-body.ts'
import { placeShapes, readPlace } from './places.ts'

export const listCheckpoints = route({
  method: 'GET',
  path: '/api/v1/checkpoints',
  summary: 'Signed checkpoints of the books, newest first.',
  access: { scope: 'ledger:read' },
  query: z.object(pageQuery),
  answers: { 200: pageOf(checkpointBody) },

  async handle({ query: { limit, cursor } }, { db }) {
    const asked = { list: 'checkpoints' }
    const place = readPlace(placeShapes.number, fromCursor(cursor, asked, 1))
    const rows = await listCheckpointsBefore(db, place?.[0] ?? null, limit + 1)
    const { items, nextCursor } = toPage(rows, limit, asked, ({ sequence }) => [sequence])
    return answer(200, { items: items.map(toCheckpointBody), nextCursor })
  },
})
