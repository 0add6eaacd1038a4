import { idField, timeField } from '@tributary/contracts'
import { answer, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { listRejections as findRejections } from '../store/rejections.ts'
import { rejectionExamples } from './event-examples.ts'
import { intakeProblems } from './intake.ts'
import { idFromCursor, webhookIdField } from './list-fields.ts'

const rejectionBody = z.object({
  id: idField,
  at: timeField,
  source: z.string().meta({ description: '`default`, or the name of an adapter.' }),
  reason: z.string(),
  detail: z.string().nullable(),
  webhookId: z.string().nullable(),
  bodySha256: z.string().nullable().meta({ description: 'In hexadecimal digits; compare it with what was sent.' }),
  bodyBytes: z.int().nullable(),
})

export const listRejections = route({
  method: 'GET',
  path: '/api/v1/webhooks/rejections',
  summary: 'Webhooks that were refused and why, newest first; a sample, kept for 30 days at most.',
  access: { scope: 'webhooks:read' },
  query: z.object({
    ...pageQuery,
    webhookId: webhookIdField.optional(),
    reason: z.enum(intakeProblems).optional(),
  }),
  answers: { 200: pageOf(rejectionBody) },
  examples: rejectionExamples,

  async handle({ query: { limit, cursor, ...filters } }, { db }) {
    const asked = { list: 'rejections', ...filters }
    const before = idFromCursor(cursor, asked)
    const rows = await findRejections(db, { ...filters, before, limit: limit + 1 })
    const { items, nextCursor } = toPage(rows, limit, asked, (row) => [row.id])
    const bodies = items.map(({ at, bodySha256, ...rest }) => ({
      ...rest,
      at: at.toISOString(),
      bodySha256: bodySha256?.toString('hex') ?? null,
    }))
    return answer(200, { items: bodies, nextCursor })
  },
})
