import { rewardReversed } from '@tributary/contracts'
import { hearReward } from './hear-reward.ts'

/** A reward, or a part of it, was taken back by something else than this event. */
export const onRewardReversed = hearReward(rewardReversed, 'reversed')
