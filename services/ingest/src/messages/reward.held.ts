import { rewardHeld } from '@tributary/contracts'
import { hearReward } from './hear-reward.ts'

/** Somebody looks at a reward before its money may be spent. */
export const onRewardHeld = hearReward(rewardHeld, 'held')
