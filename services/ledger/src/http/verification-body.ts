import { currencyField, idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import type { Verification } from '../store/verifications.ts'
import { countField, sumField } from './fields.ts'

export const statusField = z.enum(['passed', 'failed', 'incomplete'])
export const checksField = z.array(
  z.object({
    name: z.string(),
    status: z.enum(['passed', 'failed', 'not_run']),
    checked: countField,
    broken: countField,
    detail: z.string(),
  }),
)

/** A verification as callers see it. Only `ok: true` says that the books are sound. */
export const verificationBody = z.object({
  id: idField,
  ok: z.boolean(),
  status: statusField,
  kind: z.enum(['full', 'incremental']),
  startedAt: timeField,
  finishedAt: timeField,
  fromBatch: countField,
  toBatch: countField,
  coverage: z.object({
    batches: countField,
    transfers: countField,
    entries: countField,
    accounts: countField,
    upTo: timeField,
    notCovered: z.array(z.string()),
  }),
  chainHead: z.object({ batch: countField, hash: z.string() }),
  imbalance: z.array(z.object({ currency: currencyField, amount: sumField })),
  driftAccounts: countField,
  checks: checksField,
})

export function toVerificationBody(verification: Verification) {
  const { id, kind, startedAt, finishedAt, fromBatch, toBatch, report } = verification
  return {
    ...{ id, ok: report.status === 'passed', kind },
    ...{ startedAt: startedAt.toISOString(), finishedAt: finishedAt.toISOString() },
    ...{ fromBatch: Number(fromBatch), toBatch: Number(toBatch) },
    ...report,
    coverage: { ...report.coverage, notCovered: [...report.coverage.notCovered] },
    imbalance: [...report.imbalance],
    checks: [...report.checks],
  }
}
