import { cashoutCancelled } from '@tributary/contracts'
import { hearCashout } from './hear-cashout.ts'

/** The cashout was called off before it was sent. */
export const onCashoutCancelled = hearCashout(cashoutCancelled, 'cancelled')
