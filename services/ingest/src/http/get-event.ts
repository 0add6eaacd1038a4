import { idField } from '@tributary/contracts'
import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { listEffects } from '../store/effects.ts'
import { findEvent } from '../store/events.ts'
import { eventBody, toEventBody } from './event-body.ts'
import { eventExamples } from './event-examples.ts'
import { missingEvent } from './missing-event.ts'

export const getEvent = route({
  method: 'GET',
  path: '/api/v1/webhooks/events/{eventId}',
  summary: 'One event: what was sent, where it stands, and what became of it.',
  access: { scope: 'webhooks:read' },
  params: z.object({ eventId: idField }),
  answers: { 200: eventBody },
  examples: eventExamples,
  problems: ['not_found'],

  async handle({ params: { eventId } }, { db }) {
    const event = await findEvent(db, eventId)
    if (!event) throw await missingEvent(db, eventId)
    return answer(200, toEventBody(event, await listEffects(db, eventId)))
  },
})
