import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { rewardHold } from './reward.ts'

/** Published by rewards, when the last hold on a reward is lifted. */
export const rewardResumed = defineEvent({
  type: 'reward.resumed',
  description: 'Nobody holds a reward any more: its money goes back to where it was.',
  data: z.object(rewardHold),
})
