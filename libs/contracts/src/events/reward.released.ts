import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { rewardMovement } from './reward.ts'

/** Published by rewards. `amount` is what was left of the reward at that moment. */
export const rewardReleased = defineEvent({
  type: 'reward.released',
  description: "A reward is due, passed its screening and is held by nobody: its money is the user's.",
  data: z.object(rewardMovement),
})
