import { idField } from '@tributary/contracts'
import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { decisions, subjects } from '../domain/screening.ts'
import * as screenings from '../store/screenings.ts'
import { screeningBody, toScreeningBody } from './screening-body.ts'

export const listScreenings = route({
  method: 'GET',
  path: '/api/v1/screenings',
  summary: 'Screenings, newest first.',
  access: { scope: 'screenings:read' },
  query: z.object({
    subject: z.enum(subjects).optional(),
    status: z.enum(decisions).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: idField.optional(),
  }),
  answers: { 200: z.object({ items: z.array(screeningBody), nextCursor: idField.nullable() }) },

  async handle({ query: { subject, status, limit, cursor } }, { db }) {
    const found = await screenings.listScreenings(db, { subject, decision: status, before: cursor, limit: limit + 1 })
    const page = found.slice(0, limit)
    return answer(200, {
      items: page.map(toScreeningBody),
      nextCursor: found.length > limit ? page.at(-1)!.id : null,
    })
  },
})
