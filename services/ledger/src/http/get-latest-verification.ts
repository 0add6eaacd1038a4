import { timeField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { type BooksCondition, findCondition, latestStanding } from '../store/condition.ts'
import type { Verification } from '../store/verifications.ts'
import { countField } from './fields.ts'
import { checksField, statusField, toVerificationBody, verificationBody } from './verification-body.ts'

/** What incremental verification has added to the last one of everything. */
const since = z.object({
  status: statusField,
  ranAt: timeField.nullable(),
  upToBatch: countField,
  batches: countField.meta({ description: 'Batches verified that the last verification of everything had not seen.' }),
  transfers: countField,
  lagBatches: countField.meta({ description: 'Batches posted and not yet verified one by one.' }),
  failures: checksField,
})

export const getLatestVerification = route({
  method: 'GET',
  path: '/api/v1/verifications/latest',
  summary: 'What the last verification of everything found, and what has been verified since.',
  access: { scope: 'ledger:read' },
  answers: { 200: verificationBody.extend({ since }) },
  problems: ['not_found'],

  async handle(_input, { db }) {
    const condition = await findCondition(db)
    const { full } = condition
    if (full === null) throw new Problem('not_found', { detail: 'the books were never verified' })
    const body = toVerificationBody(full)
    const added = sinceThen(full, condition)
    return answer(200, { ...body, ok: body.ok && added.failures.length === 0, since: added })
  },
})

function sinceThen(full: Verification, { progress, headBatch }: BooksCondition): z.input<typeof since> {
  const { status, ranAt, verified, report } = progress
  const latest = [...(status === 'passed' ? [] : (report?.checks ?? [])), ...latestStanding({ full, progress })]
  const { batch, lastTransfer } = verified.place
  const seen = full.report.coverage.transfers
  return {
    status,
    ranAt: ranAt?.toISOString() ?? null,
    upToBatch: Number(batch),
    batches: Math.max(Number(batch - full.toBatch), 0),
    transfers: Math.max(Number(lastTransfer) - seen, 0),
    lagBatches: Math.max(Number(headBatch - batch), 0),
    failures: latest.filter((result) => result.status !== 'passed'),
  }
}
