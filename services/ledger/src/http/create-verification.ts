import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import type { LedgerMetrics } from '../metrics.ts'
import { insertVerification } from '../store/verifications.ts'
import { type MoreChecks, usualConditions, verifyBooks } from '../store/verify-books.ts'
import { toVerificationBody, verificationBody } from './verification-body.ts'

/** Answers when all is checked: seconds for each million entries. */
export const createVerification = (metrics: LedgerMetrics, proofs: () => Promise<MoreChecks>) =>
  route({
    method: 'POST',
    path: '/api/v1/verifications',
    summary: 'Checks all books now; keeps and answers what was found.',
    access: { scope: 'ledger:verify' },
    body: z.object({}).optional(),
    answers: { 201: verificationBody },

    async handle(_input, { db, now, newId }) {
      const startedAt = now()
      const report = await verifyBooks(db, usualConditions, await proofs())
      const verification = { id: newId(), startedAt, finishedAt: now(), report }
      await insertVerification(db, verification)
      metrics.verified({ ...report, finishedAt: verification.finishedAt })
      return answer(201, toVerificationBody(verification))
    },
  })
