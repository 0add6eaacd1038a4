import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { findTransfer } from '../store/transfers.ts'
import { namedIdField } from './fields.ts'
import { toTransferBody, transferBody } from './transfer-body.ts'

export const getTransfer = route({
  method: 'GET',
  path: '/api/v1/transfers/{id}',
  summary: 'One transfer.',
  access: { scope: 'ledger:read' },
  params: z.object({ id: namedIdField }),
  answers: { 200: transferBody },
  problems: ['not_found'],

  async handle({ params: { id } }, { db }) {
    const transfer = await findTransfer(db, id)
    if (!transfer) throw new Problem('not_found', { detail: `there is no transfer ${id}` })
    return answer(200, toTransferBody(transfer))
  },
})
