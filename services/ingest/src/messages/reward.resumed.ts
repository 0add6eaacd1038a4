import { rewardResumed } from '@tributary/contracts'
import { hearReward } from './hear-reward.ts'

/** Nobody holds a reward any more. */
export const onRewardResumed = hearReward(rewardResumed, 'resumed')
