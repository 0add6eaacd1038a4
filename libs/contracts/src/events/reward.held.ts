import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { reasonField } from '../fields.ts'
import { rewardHold } from './reward.ts'

/** Published by rewards, when the first hold on a reward is placed; another one on top says nothing. */
export const rewardHeld = defineEvent({
  type: 'reward.held',
  description: 'Somebody looks at a reward: what is left of it is set aside until nobody holds it any more.',
  data: z.object({ ...rewardHold, reason: reasonField }),
})
