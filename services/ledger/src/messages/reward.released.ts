import { rewardReleased } from '@tributary/contracts'
import { type Consumer, consume } from '@tributary/messaging'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from './post-requests.ts'

/** A reward is free: its money becomes available, and pays what the user owes first. */
export const onRewardReleased = (metrics: LedgerMetrics): Consumer =>
  consume(rewardReleased, postRequests('release', metrics))
