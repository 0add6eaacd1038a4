import { rewardEarned } from '@tributary/contracts'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from '../steps/post-requests.ts'
import { askedOfReward } from './asked.ts'

/** A rule granted a reward: its money waits in the user's pending balance. */
export const onRewardEarned = (metrics: LedgerMetrics) =>
  postRequests(rewardEarned, (data) => ({ kind: 'earn', causeId: data.transactionId, ...askedOfReward(data) }), metrics)
