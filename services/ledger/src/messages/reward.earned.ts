import { rewardEarned } from '@tributary/contracts'
import { consume } from '@tributary/messaging'
import { postRequests } from './post-requests.ts'

/** A rule granted a reward: its money waits in the user's pending balance. */
export const onRewardEarned = consume(rewardEarned, postRequests('earn'))
