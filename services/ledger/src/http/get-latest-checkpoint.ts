import { answer, Problem, route } from '@tributary/service-kit'
import { findLatestCheckpoint } from '../store/checkpoints.ts'
import { checkpointBody, toCheckpointBody } from './checkpoint-body.ts'

export const getLatestCheckpoint = route({
  method: 'GET',
  path: '/api/v1/checkpoints/latest',
  summary: 'The newest signed checkpoint.',
  access: { scope: 'ledger:read' },
  answers: { 200: checkpointBody },
  problems: ['not_found'],

  async handle(_input, { db }) {
    const latest = await findLatestCheckpoint(db)
    if (latest === null) throw new Problem('not_found', { detail: 'nothing was signed yet' })
    return answer(200, toCheckpointBody(latest))
  },
})
