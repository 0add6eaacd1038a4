import { idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { findReplay } from '../store/replays.ts'
import { replayBody, toReplayBody } from './replay-body.ts'

export const getReplay = route({
  method: 'GET',
  path: '/api/v1/webhooks/replays/{replayId}',
  summary: 'A replay: who asked for it and why, and how far it is.',
  access: { scope: 'webhooks:read' },
  params: z.object({ replayId: idField }),
  answers: { 200: replayBody },
  problems: ['not_found'],

  async handle({ params: { replayId } }, { db }) {
    const replay = await findReplay(db, replayId)
    if (!replay) throw new Problem('not_found', { detail: `there is no replay ${replayId}` })
    return answer(200, toReplayBody(replay))
  },
})
