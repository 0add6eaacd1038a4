import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { reasonField } from '../fields.ts'
import { rewardMovement } from './reward.ts'

/** Published by rewards. `amount` is this reversal's own share, not the total so far. */
export const rewardReversed = defineEvent({
  type: 'reward.reversed',
  description: 'A reward, or a part of it, was taken back.',
  data: z.object({ ...rewardMovement, reason: reasonField }),
})
