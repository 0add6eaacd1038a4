import { rewardResumed } from '@tributary/contracts'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from '../steps/post-requests.ts'
import { askedOfHold } from './asked.ts'

/** Nobody holds a reward any more: its money goes back to where it was, and pays what the user owes. */
export const onRewardResumed = (metrics: LedgerMetrics) =>
  postRequests(
    rewardResumed,
    (data) => ({ kind: 'resume', causeId: data.transactionId, ...askedOfHold(data) }),
    metrics,
  )
