import { cashoutRequested } from '@tributary/contracts'
import type { LedgerMetrics } from '../metrics.ts'
import { postRequests } from '../steps/post-requests.ts'
import { askedOfCashout } from './asked.ts'

/** A user wants their money: it is set aside, or refused when it does not cover. */
export const onCashoutRequested = (metrics: LedgerMetrics) =>
  postRequests(
    cashoutRequested,
    (data) => ({ kind: 'reserve', causeId: data.transactionId, ...askedOfCashout(data) }),
    metrics,
  )
