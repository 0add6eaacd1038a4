import { cashoutRejected } from '@tributary/contracts'
import { hearCashout } from './hear-cashout.ts'

/** Somebody refused the cashout. */
export const onCashoutRejected = hearCashout(cashoutRejected, 'rejected')
