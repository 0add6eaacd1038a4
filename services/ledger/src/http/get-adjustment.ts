import { idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { findAdjustment } from '../store/adjustments.ts'
import { adjustmentBody, toAdjustmentBody } from './adjustment-body.ts'

export const getAdjustment = route({
  method: 'GET',
  path: '/api/v1/adjustments/{id}',
  summary: 'One adjustment, with who asked for it, who decided, and why.',
  access: { scope: 'adjustments:read' },
  params: z.object({ id: idField }),
  answers: { 200: adjustmentBody },
  problems: ['not_found'],

  async handle({ params: { id } }, { db }) {
    const adjustment = await findAdjustment(db, id)
    if (adjustment === null) throw new Problem('not_found', { detail: `there is no adjustment ${id}` })
    return answer(200, toAdjustmentBody(adjustment))
  },
})
