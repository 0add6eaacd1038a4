import { amountField } from '@tributary/contracts'
import { route } from '@tributary/service-kit'
import { z } from 'zod'
import { moderateReward, moderation, whyField } from './moderate-reward.ts'

/**
 * Takes a reward back, all that is left or a part. A refund or a lost dispute of the same payment that comes later takes
 * only what its share asks beyond that.
 */
export const reverseReward = route({
  ...moderation,
  method: 'POST',
  path: '/api/v1/rewards/{id}/reverse',
  summary: 'Take a reward back, all that is left of it or a part, with a reason',
  body: z.object({
    amount: amountField
      .optional()
      .meta({ description: "Minor units of the reward's currency; all that is left without it." }),
    reason: whyField,
  }),
  examples: {
    body: {
      'All that is left': { reason: 'Both accounts are the same person' },
      'A part': { amount: 490, reason: 'Half of the subscription was given back by hand' },
    },
  },
  // A repetition with an amount would take it back twice.
  idempotencyKey: 'required',

  handle: ({ params: { id }, body: { amount = null, reason } }, context) =>
    moderateReward(id, { kind: 'reverse', amount }, reason, context),
})
