import { cashoutFailed } from '@tributary/contracts'
import { hearCashout } from './hear-cashout.ts'

/** The provider refused for good. */
export const onCashoutFailed = hearCashout(cashoutFailed, 'failed')
