import { amountField, currencyField, idField } from '@tributary/contracts'
import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import type { Adjustment } from '../domain/adjustment.ts'
import type { LedgerMetrics } from '../metrics.ts'
import { postAdjustment } from '../steps/post-adjustment.ts'
import { insertAdjustment } from '../store/adjustments.ts'
import { adjustmentBody, toAdjustmentBody } from './adjustment-body.ts'
import { adjustmentExamples } from './adjustment-examples.ts'
import { whyField } from './fields.ts'

/** Posts at once what needs no approval; keeps what does until another person decides. `approvalAbove`: minor units of any currency. */
export const createAdjustment = (metrics: LedgerMetrics, approvalAbove: number) =>
  route({
    method: 'POST',
    path: '/api/v1/adjustments',
    summary: 'Gives a user money, or takes some; above a threshold only with the approval of another person.',
    access: { scope: 'adjustments:write', personOnly: true },
    idempotencyKey: 'required',
    body: z.object({
      userId: idField.toLowerCase(),
      amount: amountField,
      currency: currencyField,
      reason: whyField,
      direction: z.enum(['credit', 'debit']).default('credit'),
    }),
    answers: { 201: adjustmentBody },
    examples: adjustmentExamples,

    handle: ({ body }, { transaction, now, newId, principal }) =>
      transaction(async (tx, publish) => {
        const requestedAt = now()
        const requested: Adjustment = {
          ...body,
          id: newId(),
          requestedBy: principal!.id,
          requestedAt,
          needsApproval: body.amount > BigInt(approvalAbove),
          status: 'awaiting_approval',
          refusal: null,
          decidedBy: null,
          decidedAt: null,
          decisionReason: null,
        }
        const adjustment = requested.needsApproval
          ? requested
          : await postAdjustment(tx, publish, { now: requestedAt, newId, metrics }, requested)
        await insertAdjustment(tx, adjustment)
        return answer(201, toAdjustmentBody(adjustment), { location: `/api/v1/adjustments/${adjustment.id}` })
      }),
  })
