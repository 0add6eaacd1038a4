import { idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { cancelReplay as cancel } from '../store/replays.ts'
import { replayBody, toReplayBody } from './replay-body.ts'

export const cancelReplay = route({
  method: 'POST',
  path: '/api/v1/webhooks/replays/{replayId}/cancel',
  summary: 'Stop a replay where it is. What it published stays published; one that has ended stays as it ended.',
  access: { scope: 'webhooks:write' },
  params: z.object({ replayId: idField }),
  answers: { 200: replayBody },
  problems: ['not_found'],

  async handle({ params: { replayId } }, { db, now, principal }) {
    const replay = await cancel(db, replayId, principal!.id, now())
    if (!replay) throw new Problem('not_found', { detail: `there is no replay ${replayId}` })
    return answer(200, toReplayBody(replay))
  },
})
