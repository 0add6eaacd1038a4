import { idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { findLine } from '../store/settlements.ts'
import { settlementBody, toSettlementBody } from './settlement-body.ts'

export const getSettlement = route({
  method: 'GET',
  path: '/api/v1/settlements/{id}',
  summary: 'One settlement line, and what became of it.',
  access: { scope: 'settlements:read' },
  params: z.object({ id: idField }),
  answers: { 200: settlementBody },
  problems: ['not_found'],

  async handle({ params: { id } }, { db }) {
    const line = await findLine(db, id)
    if (line === null) throw new Problem('not_found', { detail: `there is no settlement line ${id}` })
    return answer(200, toSettlementBody(line))
  },
})
