import { rewardReleased } from '@tributary/contracts'
import { hearReward } from './hear-reward.ts'

/** A reward is its owner's to spend. */
export const onRewardReleased = hearReward(rewardReleased, 'released')
