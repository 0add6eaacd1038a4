import { idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { findScreening } from '../store/screenings.ts'
import { screeningBody, toScreeningBody } from './screening-body.ts'

export const getScreening = route({
  method: 'GET',
  path: '/api/v1/screenings/{id}',
  summary: 'One screening.',
  access: { scope: 'screenings:read' },
  params: z.object({ id: idField }),
  answers: { 200: screeningBody },
  problems: ['not_found'],

  async handle({ params }, { db }) {
    const screening = await findScreening(db, params.id)
    if (!screening) throw new Problem('not_found', { detail: `there is no screening ${params.id}` })
    return answer(200, toScreeningBody(screening))
  },
})
