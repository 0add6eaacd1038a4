import type { screeningFailed, screeningHeld } from '@tributary/contracts'
import type { Consumer } from '@tributary/messaging'
import { hear } from './hear.ts'

type Told = typeof screeningFailed | typeof screeningHeld

/** Fraud looks at something that goes back to an event. What passes is not told: its release says so. */
export function hearScreening(event: Told, outcome: string): Consumer {
  return hear({
    event,
    about: ({ correlationId }) => correlationId,
    effects({ data, subject, time }, eventId) {
      const { subject: kind, subjectId, reason } = data
      const at = new Date(time)
      return [{ eventId, subject, service: 'fraud', kind: `screening.${kind}`, id: subjectId, outcome, reason, at }]
    },
  })
}
