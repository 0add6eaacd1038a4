import { rewardEarned } from '@tributary/contracts'
import { type Consumer, consume } from '@tributary/messaging'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from './post-requests.ts'

/** A rule granted a reward: its money waits in the user's pending balance. */
export const onRewardEarned = (metrics: LedgerMetrics): Consumer => consume(rewardEarned, postRequests('earn', metrics))
