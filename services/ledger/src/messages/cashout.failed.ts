import { cashoutFailed } from '@tributary/contracts'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from '../steps/post-requests.ts'
import { askedOfCashout } from './asked.ts'

/** A cashout failed for good: the user has the money back, and pays what they owe. */
export const onCashoutFailed = (metrics: LedgerMetrics) =>
  postRequests(
    cashoutFailed,
    (data) => ({ kind: 'return', causeId: data.transactionId, ...askedOfCashout(data) }),
    metrics,
  )
