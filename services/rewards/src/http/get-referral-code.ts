import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { findCode } from '../store/referral-codes.ts'
import { codeBody, toCodeBody } from './code-body.ts'
import { textField } from './fields.ts'

export const getReferralCode = route({
  method: 'GET',
  path: '/api/v1/referral-codes/{code}',
  summary: 'Whose code this is; upper and lower case are the same',
  access: { scope: 'users:read' },
  params: z.object({ code: textField(64) }),
  answers: { 200: codeBody },
  problems: ['not_found'],

  async handle({ params: { code } }, { db }) {
    const found = await findCode(db, code)
    if (found === null) throw new Problem('not_found', { detail: 'nobody has this code' })
    return answer(200, toCodeBody(found))
  },
})
