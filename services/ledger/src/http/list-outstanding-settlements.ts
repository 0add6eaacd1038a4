import { amountField, currencyField, idField, providerField, timeField } from '@tributary/contracts'
import { answer, fromCursor, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { listOutstanding } from '../store/settlement-queues.ts'
import { countField } from './fields.ts'
import { ageInDays, placeShapes, readPlace } from './places.ts'

const outstandingBody = z.object({
  cashoutId: idField,
  type: z.enum(['payout', 'refund']).meta({ description: 'The type of the line that is awaited.' }),
  provider: providerField,
  userId: idField,
  amount: amountField,
  currency: currencyField,
  since: timeField.meta({ description: 'When it was paid, or came back.' }),
  ageDays: countField,
})

export const listOutstandingSettlements = route({
  method: 'GET',
  path: '/api/v1/settlements/outstanding',
  summary: 'Cashouts that were paid, or came back, and that no settlement line has settled, oldest first.',
  access: { scope: 'settlements:read' },
  query: z.object({ ...pageQuery, provider: providerField.optional() }),
  answers: { 200: pageOf(outstandingBody) },

  async handle({ query: { limit, cursor, provider } }, { db, now }) {
    const filters = { provider }
    const asked = { list: 'outstanding settlements', ...filters }
    const place = readPlace(placeShapes.outstanding, fromCursor(cursor, asked, 3))
    const after = place === null ? null : { since: place[0], cashoutId: place[1], type: place[2] }
    const rows = await listOutstanding(db, filters, after, limit + 1)
    const { items, nextCursor } = toPage(rows, limit, asked, ({ since, cashoutId, type }) => [since, cashoutId, type])
    const bodies = items.map((one) => ({ ...one, ageDays: ageInDays(new Date(one.since), now()) }))
    return answer(200, { items: bodies, nextCursor })
  },
})
