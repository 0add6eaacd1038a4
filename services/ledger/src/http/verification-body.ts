import { currencyField, idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import type { Verification } from '../store/verifications.ts'
import { countField, minorUnitsField } from './fields.ts'

/** A verification as callers see it. Only `ok: true` says that the books are sound. */
export const verificationBody = z.object({
  id: idField,
  ok: z.boolean(),
  status: z.enum(['passed', 'failed', 'incomplete']),
  startedAt: timeField,
  finishedAt: timeField,
  coverage: z.object({
    batches: countField,
    transfers: countField,
    entries: countField,
    accounts: countField,
    upTo: timeField,
    notCovered: z.array(z.string()),
  }),
  chainHead: z.object({ batch: countField, hash: z.string() }),
  imbalance: z.array(z.object({ currency: currencyField, amount: minorUnitsField })),
  driftAccounts: countField,
  checks: z.array(
    z.object({
      name: z.string(),
      status: z.enum(['passed', 'failed', 'not_run']),
      checked: countField,
      broken: countField,
      detail: z.string(),
    }),
  ),
})

export function toVerificationBody({ id, startedAt, finishedAt, report }: Verification): unknown {
  const times = { startedAt: startedAt.toISOString(), finishedAt: finishedAt.toISOString() }
  return { id, ok: report.status === 'passed', ...times, ...report }
}
