import { customEvent, idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { findForReplay } from '../store/events.ts'
import { knownEvents } from './webhook-payload.ts'

export const replayEvent = route({
  method: 'POST',
  path: '/api/v1/webhooks/events/{eventId}/replay',
  summary: 'Publish an event again. What it did before it does not do twice.',
  access: { scope: 'webhooks:write' },
  params: z.object({ eventId: idField }),
  answers: { 202: z.object({ eventId: idField }) },
  problems: ['not_found'],

  async handle({ params: { eventId } }, { transaction }) {
    await transaction(async (tx, publish) => {
      const event = await findForReplay(tx, eventId)
      if (!event) throw new Problem('not_found', { detail: `there is no event ${eventId}` })
      const known = knownEvents.find((one) => one.type === event.type)
      const definition = known ?? customEvent
      publish(definition, {
        data: definition.data.parse(event.data),
        type: known ? event.type : `custom.${event.type}`,
        subject: eventId,
        time: event.time,
        because: { correlationId: eventId, subject: eventId, traceparent: event.traceparent },
      })
    })
    return answer(202, { eventId })
  },
})
