import { idField } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { matchLine } from '../domain/settlement.ts'
import type { LedgerMetrics } from '../metrics.ts'
import { postAndClose } from '../steps/settle-lines.ts'
import { findStandings } from '../store/settlement-standings.ts'
import { findLine, findWaiting, insertClosings, lockLedger, type StoredLine } from '../store/settlements.ts'
import { whyField } from './fields.ts'
import { settlementBody, toSettlementBody } from './settlement-body.ts'

const params = z.object({ id: idField })
const access = { scope: 'settlements:write', personOnly: true } as const

/** A person says which cashout a line is about, where its reference does not. All else has to fit as ever. */
export const matchSettlement = (metrics: LedgerMetrics) =>
  route({
    method: 'POST',
    path: '/api/v1/settlements/{id}/match',
    summary: 'Matches an unmatched line to a cashout by hand, and posts it.',
    access,
    idempotencyKey: 'optional',
    params,
    body: z.object({ cashoutId: idField, reason: whyField }),
    answers: { 200: settlementBody },
    problems: ['not_found', 'settlement_closed', 'settlement_differs'],

    handle: ({ params: { id }, body: { cashoutId, reason } }, { transaction, now, newId, principal }) =>
      transaction(async (tx, publish) => {
        const line = await lockWaiting(tx, id)
        const [found] = await findStandings(tx, [{ ...line, reference: cashoutId }])
        const verdict = matchLine(line, found!.standing)
        if (verdict.outcome === 'unmatched') throw new Problem('settlement_differs', { detail: verdict.reason })
        const matched = [{ line, cashoutId: verdict.cashoutId }]
        await postAndClose(tx, publish, { now: now(), newId, metrics }, matched, { person: principal!.id, reason })
        return answer(200, toSettlementBody((await findLine(tx, id))!))
      }),
  })

/** A person says that a line is not ours, or is settled elsewhere. No money moves. */
export const dismissSettlement = route({
  method: 'POST',
  path: '/api/v1/settlements/{id}/dismiss',
  summary: 'Closes an unmatched line without posting anything.',
  access,
  idempotencyKey: 'optional',
  params,
  body: z.object({ reason: whyField }),
  answers: { 200: settlementBody },
  problems: ['not_found', 'settlement_closed'],

  handle: ({ params: { id }, body: { reason } }, { transaction, now, principal }) =>
    transaction(async (tx) => {
      const line = await lockWaiting(tx, id)
      const by = { at: now(), person: principal!.id, reason }
      await insertClosings(tx, [{ line, outcome: 'dismissed', cashoutId: null }], by)
      return answer(200, toSettlementBody((await findLine(tx, id))!))
    }),
})

/** The line, under the ledger's lock, if it still waits. */
async function lockWaiting(tx: Transaction, id: string): Promise<StoredLine> {
  await lockLedger(tx)
  const [line] = await findWaiting(tx, [id])
  if (line !== undefined) return line
  const known = await findLine(tx, id)
  if (known === null) throw new Problem('not_found', { detail: `there is no settlement line ${id}` })
  throw new Problem('settlement_closed', { detail: `it is ${known.status}` })
}
