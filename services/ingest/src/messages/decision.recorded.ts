import { decisionRecorded } from '@tributary/contracts'
import { effectsOfDecision } from '../domain/effects.ts'
import { hear } from './hear.ts'

/** Rewards decided an event. A later decision about the same event, such as after a late registration, counts more. */
export const onDecisionRecorded = hear({
  event: decisionRecorded,
  // Not the correlation id: a registration may decide an earlier payment anew.
  about: ({ data }) => data.eventId,
  effects: ({ data, subject, time }, eventId, type) =>
    effectsOfDecision(data, type, { eventId, subject, at: new Date(time) }),
  status: ({ data }) => ({ status: data.outcome, revision: data.revision }),
})
