import { idField } from '@tributary/contracts'
import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { listCodes } from '../store/referral-codes.ts'
import { codeBody, toCodeBody } from './code-body.ts'

/** Nobody needs to see more at once. */
const CODES_MAX = 200

export const listReferralCodes = route({
  method: 'GET',
  path: '/api/v1/users/{id}/referral-codes',
  summary: "A user's newest 200 referral codes, the current one first; all of them work",
  access: { scope: 'users:read' },
  params: z.object({ id: idField }),
  answers: { 200: z.object({ items: z.array(codeBody) }) },

  async handle({ params: { id } }, { db }) {
    return answer(200, { items: (await listCodes(db, id, CODES_MAX)).map(toCodeBody) })
  },
})
