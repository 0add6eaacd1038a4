import { idField } from '@tributary/contracts'
import { answer, fromCursor, Problem, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { decisions, subjects } from '../domain/screening.ts'
import { findScreenings } from '../store/screenings.ts'
import { screeningBody, toScreeningBody } from './screening-body.ts'

export const listScreenings = route({
  method: 'GET',
  path: '/api/v1/screenings',
  summary: 'Screenings, newest first.',
  access: { scope: 'screenings:read' },
  query: z.object({ ...pageQuery, subject: z.enum(subjects).optional(), status: z.enum(decisions).optional() }),
  answers: { 200: pageOf(screeningBody) },

  async handle({ query: { limit, cursor, ...filters } }, { db }) {
    const asked = { list: 'screenings', ...filters }
    const [before] = fromCursor(cursor, asked, 1) ?? []
    // A cursor is not signed, so what comes out of it is checked like any input.
    if (before !== undefined && !idField.safeParse(before).success) throw new Problem('payload_invalid')
    const { subject, status: decision } = filters
    const rows = await findScreenings(db, { subject, decision, before, limit: limit + 1 })
    const { items, nextCursor } = toPage(rows, limit, asked, (row) => [row.id])
    return answer(200, { items: items.map(toScreeningBody), nextCursor })
  },
})
