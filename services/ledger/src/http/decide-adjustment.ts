import { idField } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { type Adjustment, checkDecision } from '../domain/adjustment.ts'
import type { LedgerMetrics } from '../metrics.ts'
import { postAdjustment } from '../steps/post-adjustment.ts'
import { decideAdjustment, lockAdjustment } from '../store/adjustments.ts'
import { adjustmentBody, toAdjustmentBody } from './adjustment-body.ts'
import { whyField } from './fields.ts'

const params = z.object({ id: idField })
const access = { scope: 'adjustments:write', personOnly: true } as const
const answers = { 200: adjustmentBody }

/** A second person agrees: it is posted, or refused by the ledger as it stands now. */
export const approveAdjustment = (metrics: LedgerMetrics) =>
  route({
    method: 'POST',
    path: '/api/v1/adjustments/{id}/approve',
    summary: 'Approves an adjustment that somebody else asked for, and posts it.',
    access,
    idempotencyKey: 'optional',
    params,
    body: z.object({ reason: whyField.optional() }).optional(),
    answers,
    problems: ['not_found', 'another_person_required', 'adjustment_state_conflict'],

    handle: ({ params: { id }, body }, { transaction, now, newId, principal }) =>
      transaction(async (tx, publish) => {
        const decidedBy = principal!.id
        const adjustment = await lockUndecided(tx, id, 'approve', decidedBy)
        const approved = { ...adjustment, decidedBy, decisionReason: body?.reason ?? null }
        const posted = await postAdjustment(tx, publish, { now: now(), newId, metrics }, approved)
        await decideAdjustment(tx, posted)
        return answer(200, toAdjustmentBody(posted))
      }),
  })

/** A person says no: anybody who may, and whoever asked for it. */
export const rejectAdjustment = route({
  method: 'POST',
  path: '/api/v1/adjustments/{id}/reject',
  summary: 'Rejects an adjustment that awaits approval. Whoever asked for it may take it back by this.',
  access,
  idempotencyKey: 'optional',
  params,
  body: z.object({ reason: whyField }),
  answers,
  problems: ['not_found', 'adjustment_state_conflict'],

  handle: ({ params: { id }, body: { reason } }, { transaction, now, principal }) =>
    transaction(async (tx) => {
      const decidedBy = principal!.id
      const adjustment = await lockUndecided(tx, id, 'reject', decidedBy)
      const decision = { status: 'rejected', decidedBy, decidedAt: now(), decisionReason: reason } as const
      const rejected = { ...adjustment, ...decision }
      await decideAdjustment(tx, rejected)
      return answer(200, toAdjustmentBody(rejected))
    }),
})

async function lockUndecided(
  tx: Transaction,
  id: string,
  decision: 'approve' | 'reject',
  person: string,
): Promise<Adjustment> {
  const adjustment = await lockAdjustment(tx, id)
  if (adjustment === null) throw new Problem('not_found', { detail: `there is no adjustment ${id}` })
  const refusal = checkDecision(adjustment, decision, person)
  if (refusal === null) return adjustment
  throw new Problem(
    refusal,
    refusal === 'adjustment_state_conflict' ? { detail: `it is ${adjustment.status}` } : { detail: 'you asked for it' },
  )
}
