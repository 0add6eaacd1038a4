import { idField } from '@tributary/contracts'
import { answer, fromCursor, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { adjustmentStatuses } from '../domain/adjustment.ts'
import { listAdjustments as findAdjustments } from '../store/adjustments.ts'
import { adjustmentBody, toAdjustmentBody } from './adjustment-body.ts'
import { placeShapes, readPlace } from './places.ts'

export const listAdjustments = route({
  method: 'GET',
  path: '/api/v1/adjustments',
  summary: 'Adjustments, newest first.',
  access: { scope: 'adjustments:read' },
  query: z.object({ ...pageQuery, status: z.enum(adjustmentStatuses).optional(), userId: idField.optional() }),
  answers: { 200: pageOf(adjustmentBody) },

  async handle({ query: { limit, cursor, status, userId } }, { db }) {
    const filters = { status, userId }
    const asked = { list: 'adjustments', ...filters }
    const place = readPlace(placeShapes.id, fromCursor(cursor, asked, 1))
    const rows = await findAdjustments(db, filters, place?.[0] ?? null, limit + 1)
    const { items, nextCursor } = toPage(rows, limit, asked, ({ id }) => [id])
    return answer(200, { items: items.map(toAdjustmentBody), nextCursor })
  },
})
