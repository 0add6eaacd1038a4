import { messageParked } from '@tributary/contracts'
import { NO_DECISION } from '../domain/event-status.ts'
import { hear } from './hear.ts'

/** A message that goes back to an event could not be handled, and waits for a person. A decision counts more. */
export const onParked = hear({
  event: messageParked,
  about: ({ correlationId }) => correlationId,
  effects: ({ data, subject, time }, eventId) => [
    {
      eventId,
      subject,
      service: data.service,
      kind: data.type,
      id: data.parkedId,
      outcome: 'parked',
      reason: data.reason,
      at: new Date(time),
    },
  ],
  status: () => ({ status: 'parked', revision: NO_DECISION }),
})
