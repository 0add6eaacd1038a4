import { cashoutRejected } from '@tributary/contracts'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from '../steps/post-requests.ts'
import { askedOfCashout } from './asked.ts'

/** Somebody refused a cashout: the user has the money back, and pays what they owe. */
export const onCashoutRejected = (metrics: LedgerMetrics) =>
  postRequests(
    cashoutRejected,
    (data) => ({ kind: 'return', causeId: data.transactionId, ...askedOfCashout(data) }),
    metrics,
  )
