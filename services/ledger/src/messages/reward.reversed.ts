import { rewardReversed } from '@tributary/contracts'
import { type Consumer, consume } from '@tributary/messaging'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from './post-requests.ts'

/** A reward was taken back: from where its money is now, and the user owes what is no longer there. */
export const onRewardReversed = (metrics: LedgerMetrics): Consumer =>
  consume(rewardReversed, postRequests('reverse', metrics))
