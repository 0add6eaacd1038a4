import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { verifyEverything } from '../steps/verify-everything.ts'
import type { MoreChecks } from '../store/verify-books.ts'
import { toVerificationBody, verificationBody } from './verification-body.ts'

/** Answers when all is checked: seconds for each million entries. */
export const createVerification = (clearingMaxAgeDays: number, proofs: () => Promise<MoreChecks>) =>
  route({
    method: 'POST',
    path: '/api/v1/verifications',
    summary: 'Checks all books now; keeps and answers what was found.',
    access: { scope: 'ledger:verify' },
    body: z.object({}).optional(),
    answers: { 201: verificationBody },

    async handle(_input, { db, now, newId }) {
      return answer(201, toVerificationBody(await verifyEverything({ db, now, newId, clearingMaxAgeDays }, proofs)))
    },
  })
