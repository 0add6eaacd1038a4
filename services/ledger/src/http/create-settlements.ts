import { idField, providerField } from '@tributary/contracts'
import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import type { LedgerMetrics } from '../metrics.ts'
import type { SettlementMetrics } from '../settlement-metrics.ts'
import { receiveLines } from '../steps/receive-lines.ts'
import { countField } from './fields.ts'
import { readSettlementCsv } from './read-settlement-csv.ts'
import { settlementsShape, toLines } from './settlement-lines.ts'

const lineStatuses = ['matched', 'unmatched', 'dismissed', 'conflict'] as const

/** As many lines as a file may have, with names of the greatest length. */
const BODY_BYTES_MAX = 1024 * 1024

/**
 * Takes in what a provider says it has settled. All lines are kept or none; each is answered by itself, since a file with one
 * line that fits nothing is still right about the others. Handing a file in again, whole or in part, changes nothing.
 */
export const createSettlements = (metrics: LedgerMetrics, settlements: SettlementMetrics) =>
  route({
    method: 'POST',
    path: '/api/v1/settlements',
    summary: "Takes in a provider's settlement lines, as JSON or CSV, and matches them to the cashouts it paid.",
    access: { scope: 'settlements:write' },
    idempotencyKey: 'required',
    bodyMaxBytes: BODY_BYTES_MAX,
    bodyReaders: { 'text/csv': readSettlementCsv },
    body: settlementsShape,
    answers: {
      200: z.object({
        provider: providerField,
        counts: z.object({ matched: countField, unmatched: countField, dismissed: countField, conflict: countField }),
        lines: z.array(
          z.object({
            id: idField,
            lineId: z.string(),
            status: z.enum(lineStatuses),
            reason: z.string().nullable().meta({ description: 'Why it is unmatched, or in conflict.' }),
            cashoutId: idField.nullable(),
            repeated: z.boolean().meta({ description: 'Known before with this content: nothing was done.' }),
          }),
        ),
      }),
    },

    handle: ({ body }, { transaction, now, newId, principal }) =>
      transaction(async (tx, publish) => {
        const context = { now: now(), newId, metrics }
        const { provider } = body
        const file = { provider, lines: toLines(body, context.now), receivedBy: principal!.id }
        const lines = await receiveLines(tx, publish, context, file)
        for (const { status, repeated } of lines) settlements.received(repeated ? 'repeated' : status)
        const of = (status: string) => lines.filter((line) => line.status === status).length
        const counts = Object.fromEntries(lineStatuses.map((status) => [status, of(status)]))
        return answer(200, { provider, counts, lines })
      }),
  })
