import { cashoutReturned } from '@tributary/contracts'
import type { LedgerMetrics } from '../metrics.ts'
import { expectingSettlement } from '../steps/expect-settlement.ts'
import { postRequests } from '../steps/post-requests.ts'
import { askedOfCashout } from './asked.ts'

/** Money that had been paid came back: the user has it again, and pays what they owe. */
export const onCashoutReturned = (metrics: LedgerMetrics) =>
  expectingSettlement(
    'refund',
    postRequests(
      cashoutReturned,
      (data) => ({ kind: 'bounce', causeId: data.transactionId, ...askedOfCashout(data) }),
      metrics,
    ),
  )
