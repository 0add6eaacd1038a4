import { cashoutPaid } from '@tributary/contracts'
import { hearCashout } from './hear-cashout.ts'

/** The provider sent the money. */
export const onCashoutPaid = hearCashout(cashoutPaid, 'paid')
