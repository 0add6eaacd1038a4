import { transferRefused } from '@tributary/contracts'
import { hear } from './hear.ts'

/** The ledger refused to move money because of an event, for good. */
export const onTransferRefused = hear({
  event: transferRefused,
  about: ({ correlationId }) => correlationId,
  effects: ({ data, subject, time }, eventId) => [
    {
      eventId,
      subject,
      service: 'ledger',
      kind: 'transfer',
      id: data.causeId,
      outcome: 'refused',
      reason: data.reason,
      at: new Date(time),
    },
  ],
})
