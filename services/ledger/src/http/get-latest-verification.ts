import { answer, Problem, route } from '@tributary/service-kit'
import { findLatestVerification } from '../store/verifications.ts'
import { toVerificationBody, verificationBody } from './verification-body.ts'

export const getLatestVerification = route({
  method: 'GET',
  path: '/api/v1/verifications/latest',
  summary: 'What the last verification of the books found.',
  access: { scope: 'ledger:read' },
  answers: { 200: verificationBody },
  problems: ['not_found'],

  async handle(_input, { db }) {
    const latest = await findLatestVerification(db)
    if (!latest) throw new Problem('not_found', { detail: 'the books were never verified' })
    return answer(200, toVerificationBody(latest))
  },
})
