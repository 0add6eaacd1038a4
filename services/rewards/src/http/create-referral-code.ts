import { randomInt } from 'node:crypto'
import { idField } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { CODE_LENGTH, codeAlphabet, codeOf, refusalOfCode } from '../domain/referral-code.ts'
import { insertCode, type NewCode } from '../store/referral-codes.ts'
import { lockUser } from '../store/users.ts'
import { codeBody, toCodeBody } from './code-body.ts'

/** Five: with a billion codes given out, all five draws are taken once in 10^14 requests. */
const DRAWS_MAX = 5

export const createReferralCode = route({
  method: 'POST',
  path: '/api/v1/users/{id}/referral-codes',
  summary: 'Give a user a referral code: the one asked for, or a random one',
  access: { scope: 'users:write' },
  params: z.object({ id: idField }),
  body: z
    .object({
      code: z
        .string()
        .max(1_000)
        .superRefine((code, context) => {
          const refusal = refusalOfCode(code)
          if (refusal !== null) context.addIssue({ code: 'custom', message: refusal })
        })
        .optional(),
    })
    .optional(),
  idempotencyKey: 'optional',
  answers: { 201: codeBody },
  problems: ['not_found', 'code_taken', 'user_erased'],

  async handle({ params: { id }, body }, { transaction, now }) {
    return transaction(async (tx) => {
      const user = await lockUser(tx, id, 'share')
      if (user === null) throw new Problem('not_found', { detail: `there is no user ${id}` })
      if (user.erasedAt !== null) throw new Problem('user_erased')
      const wanted = { userId: id, createdAt: now() }
      const asked = body?.code
      const created = asked === undefined ? await drawCode(tx, wanted) : await takeCode(tx, { ...wanted, code: asked })
      return answer(201, toCodeBody({ ...created, isCurrent: true }))
    })
  },
})

async function takeCode(tx: Transaction, code: NewCode): Promise<NewCode> {
  if (await insertCode(tx, code)) return code
  throw new Problem('code_taken', { detail: `somebody has ${code.code}, or a code that looks like it` })
}

async function drawCode(tx: Transaction, wanted: Omit<NewCode, 'code'>): Promise<NewCode> {
  for (let draw = 1; draw <= DRAWS_MAX; draw++) {
    const numbers = Array.from({ length: CODE_LENGTH }, () => randomInt(codeAlphabet.length))
    const code = { ...wanted, code: codeOf(numbers) }
    if (await insertCode(tx, code)) return code
  }
  throw new Error(`${DRAWS_MAX} random codes in a row were taken`)
}
