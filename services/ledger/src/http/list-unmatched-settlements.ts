import { amountField, amountOrZeroField, currencyField, idField, providerField, timeField } from '@tributary/contracts'
import { answer, fromCursor, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { lineTypes, unmatchedReasons } from '../domain/settlement.ts'
import { listUnmatched } from '../store/settlement-queues.ts'
import { countField } from './fields.ts'
import { ageInDays, placeShapes, readPlace } from './places.ts'

const unmatchedBody = z.object({
  id: idField,
  provider: providerField,
  lineId: z.string(),
  type: z.enum(lineTypes),
  reference: z.string(),
  amount: amountField,
  currency: currencyField,
  fee: amountOrZeroField,
  settledAt: timeField,
  receivedAt: timeField,
  reason: z.enum(unmatchedReasons),
  ageDays: countField.meta({ description: 'Whole days since it was received.' }),
})

export const listUnmatchedSettlements = route({
  method: 'GET',
  path: '/api/v1/settlements/unmatched',
  summary: 'Settlement lines that fit nothing, or nothing yet, oldest first.',
  access: { scope: 'settlements:read' },
  query: z.object({
    ...pageQuery,
    provider: providerField.optional(),
    reason: z.enum(unmatchedReasons).optional(),
  }),
  answers: { 200: pageOf(unmatchedBody) },

  async handle({ query: { limit, cursor, provider, reason } }, { db, now }) {
    const filters = { provider, reason }
    const asked = { list: 'unmatched settlements', ...filters }
    const after = readPlace(placeShapes.id, fromCursor(cursor, asked, 1))
    const rows = await listUnmatched(db, filters, after?.[0] ?? null, limit + 1)
    const { items, nextCursor } = toPage(rows, limit, asked, ({ id }) => [id])
    const bodies = items.map((line) => ({
      ...line,
      settledAt: line.settledAt.toISOString(),
      receivedAt: line.receivedAt.toISOString(),
      ageDays: ageInDays(line.receivedAt, now()),
    }))
    return answer(200, { items: bodies, nextCursor })
  },
})
