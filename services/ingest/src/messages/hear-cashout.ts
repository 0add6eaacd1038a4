import type {
  cashoutCancelled,
  cashoutFailed,
  cashoutPaid,
  cashoutRejected,
  cashoutRequested,
  cashoutReturned,
} from '@tributary/contracts'
import type { Consumer } from '@tributary/messaging'
import { hear } from './hear.ts'

type Told =
  | typeof cashoutRequested
  | typeof cashoutPaid
  | typeof cashoutFailed
  | typeof cashoutRejected
  | typeof cashoutCancelled
  | typeof cashoutReturned

/** A cashout that goes back to an event went on. Most are asked for by a person, and go back to none. */
export function hearCashout(event: Told, outcome: string): Consumer {
  return hear({
    event,
    about: ({ correlationId }) => correlationId,
    effects({ data, subject, time }, eventId) {
      const { cashoutId, reason } = { reason: null, ...data }
      return [
        { eventId, subject, service: 'payouts', kind: 'cashout', id: cashoutId, outcome, reason, at: new Date(time) },
      ]
    },
  })
}
