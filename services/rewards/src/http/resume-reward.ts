import { route } from '@tributary/service-kit'
import { z } from 'zod'
import { moderateReward, moderation, whyField } from './moderate-reward.ts'

export const resumeReward = route({
  ...moderation,
  method: 'POST',
  path: '/api/v1/rewards/{id}/resume',
  summary: 'Lift the hold that people placed on a reward; those of fraud and of disputes stay',
  body: z.object({ reason: whyField }),
  idempotencyKey: 'optional',

  handle: ({ params: { id }, body: { reason } }, context) => moderateReward(id, { kind: 'resume' }, reason, context),
})
