import { rewardReleased } from '@tributary/contracts'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from '../steps/post-requests.ts'
import { askedOfReward } from './asked.ts'

/** A reward is free: its money becomes available, and pays what the user owes first. */
export const onRewardReleased = (metrics: LedgerMetrics) =>
  postRequests(
    rewardReleased,
    (data) => ({ kind: 'release', causeId: data.transactionId, ...askedOfReward(data) }),
    metrics,
  )
