import { rewardHeld } from '@tributary/contracts'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from '../steps/post-requests.ts'
import { askedOfHold } from './asked.ts'

/** Somebody looks at a reward: what is left of it is set aside. */
export const onRewardHeld = (metrics: LedgerMetrics) =>
  postRequests(rewardHeld, (data) => ({ kind: 'hold', causeId: data.transactionId, ...askedOfHold(data) }), metrics)
