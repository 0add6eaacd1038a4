import { amountField, currencyField, idField, reasonField, timeField } from '@tributary/contracts'
import { answer, fromCursor, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { findCause, findTransfersOfCause } from '../store/transfers.ts'
import { namedIdField } from './fields.ts'
import { placeShapes, readPlace } from './places.ts'
import { toTransferBody, transferBody } from './transfer-body.ts'

const causeBody = z.object({
  outcome: z.enum(['posted', 'nothing_to_do', 'refused']),
  reason: reasonField.nullable(),
  answeredAt: timeField,
  kind: z
    .string()
    .nullable()
    .meta({ description: 'What was asked for, as are the fields after it; null on old causes.' }),
  subjectId: idField
    .nullable()
    .meta({ description: 'The reward or the cashout that it is about, or the cause itself.' }),
  userId: idField.nullable(),
  amount: amountField.nullable(),
  currency: currencyField.nullable(),
  detail: z
    .string()
    .nullable()
    .meta({ description: 'What the kind needs besides: the sequence of a hold, the provider of a cashout.' }),
})

export const listTransfers = route({
  method: 'GET',
  path: '/api/v1/transfers',
  summary: 'What a cause, such as a reward transaction, led to; and if to nothing, why.',
  access: { scope: 'ledger:read' },
  query: z.object({ ...pageQuery, causeId: namedIdField }),
  answers: {
    200: pageOf(transferBody).extend({
      cause: causeBody.nullable().meta({ description: 'The answer kept with the cause; null for one never heard of.' }),
    }),
  },

  async handle({ query: { limit, cursor, causeId } }, { db }) {
    const asked = { list: 'transfers', causeId }
    const after = readPlace(placeShapes.number, fromCursor(cursor, asked, 1))?.[0] ?? null
    const [cause, rows] = await Promise.all([
      findCause(db, causeId),
      findTransfersOfCause(db, causeId, after, limit + 1),
    ])
    const { items, nextCursor } = toPage(rows, limit, asked, ({ number }) => [String(number)])
    return answer(200, { items: items.map(toTransferBody), nextCursor, cause })
  },
})
