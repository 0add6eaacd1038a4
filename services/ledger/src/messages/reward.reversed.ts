import { rewardReversed } from '@tributary/contracts'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from '../steps/post-requests.ts'
import { askedOfReward } from './asked.ts'

/** A reward was taken back: from where its money is now, and the user owes what is no longer there. */
export const onRewardReversed = (metrics: LedgerMetrics) =>
  postRequests(
    rewardReversed,
    (data) => ({ kind: 'reverse', causeId: data.transactionId, ...askedOfReward(data) }),
    metrics,
  )
