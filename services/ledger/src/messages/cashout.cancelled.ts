import { cashoutCancelled } from '@tributary/contracts'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from '../steps/post-requests.ts'
import { askedOfCashout } from './asked.ts'

/** A cashout was called off: the user has the money back, and pays what they owe. */
export const onCashoutCancelled = (metrics: LedgerMetrics) =>
  postRequests(
    cashoutCancelled,
    (data) => ({ kind: 'return', causeId: data.transactionId, ...askedOfCashout(data) }),
    metrics,
  )
