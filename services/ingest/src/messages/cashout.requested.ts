import { cashoutRequested } from '@tributary/contracts'
import { hearCashout } from './hear-cashout.ts'

/** A user asked for money that goes back to an event. */
export const onCashoutRequested = hearCashout(cashoutRequested, 'requested')
