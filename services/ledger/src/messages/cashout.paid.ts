import { cashoutPaid } from '@tributary/contracts'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from '../steps/post-requests.ts'
import { askedOfCashout } from './asked.ts'

/** A provider sent the money: it is now the provider's to settle. */
export const onCashoutPaid = (metrics: LedgerMetrics) =>
  postRequests(
    cashoutPaid,
    (data) => ({ kind: 'settle', causeId: data.transactionId, ...askedOfCashout(data) }),
    metrics,
  )
