import { route } from '@tributary/service-kit'
import { z } from 'zod'
import { moderateReward, moderation, whyField } from './moderate-reward.ts'

export const holdReward = route({
  ...moderation,
  method: 'POST',
  path: '/api/v1/rewards/{id}/hold',
  summary: 'Hold a reward: it is not released until people resume it, whatever fraud and disputes say',
  body: z.object({ reason: whyField }),
  idempotencyKey: 'optional',

  handle: ({ params: { id }, body: { reason } }, context) => moderateReward(id, { kind: 'hold' }, reason, context),
})
