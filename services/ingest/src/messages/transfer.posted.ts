import { transferPosted } from '@tributary/contracts'
import { hear } from './hear.ts'

/** The ledger moved money because of an event. */
export const onTransferPosted = hear({
  event: transferPosted,
  about: ({ correlationId }) => correlationId,
  effects: ({ data, subject }, eventId) => [
    {
      eventId,
      subject,
      service: 'ledger',
      kind: `transfer.${data.kind}`,
      id: data.transferId,
      outcome: 'posted',
      reason: null,
      at: new Date(data.postedAt),
    },
  ],
})
