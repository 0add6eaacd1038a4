import { cashoutPaid } from '@tributary/contracts'
import type { LedgerMetrics } from '../metrics.ts'
import { expectingSettlement } from '../steps/expect-settlement.ts'
import { postRequests } from '../steps/post-requests.ts'
import { askedOfCashout } from './asked.ts'

/** A provider sent the money: it is now the provider's to settle. */
export const onCashoutPaid = (metrics: LedgerMetrics) =>
  expectingSettlement(
    'payout',
    postRequests(
      cashoutPaid,
      (data) => ({ kind: 'settle', causeId: data.transactionId, ...askedOfCashout(data) }),
      metrics,
    ),
  )
