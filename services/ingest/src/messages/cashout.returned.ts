import { cashoutReturned } from '@tributary/contracts'
import { hearCashout } from './hear-cashout.ts'

/** The money came back after it had been paid. */
export const onCashoutReturned = hearCashout(cashoutReturned, 'returned')
