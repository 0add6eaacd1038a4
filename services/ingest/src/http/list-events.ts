import { timeField } from '@tributary/contracts'
import { answer, Problem, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { eventStatuses } from '../domain/event-status.ts'
import { listEffects } from '../store/effects.ts'
import { findEvent, findEventIdOfWebhook, listEvents as findEvents } from '../store/events.ts'
import { eventBody, eventSummary, toEventBody, toEventSummary } from './event-body.ts'
import { idFromCursor, webhookIdField } from './list-fields.ts'
import { typePattern } from './webhook-payload.ts'

export const listEvents = route({
  method: 'GET',
  path: '/api/v1/webhooks/events',
  summary: 'Events, newest first; or with webhookId that one event, with everything about it.',
  access: { scope: 'webhooks:read' },
  query: z.object({
    ...pageQuery,
    webhookId: webhookIdField.optional().meta({ description: 'Answers the event itself, or 404.' }),
    type: z.string().max(64).regex(typePattern).optional(),
    status: z.enum(eventStatuses).optional(),
    from: timeField.optional().meta({ description: 'Received at this time or later.' }),
    to: timeField.optional().meta({ description: 'Received before this time.' }),
  }),
  answers: { 200: z.union([eventBody, pageOf(eventSummary)]) },
  problems: ['not_found'],

  async handle({ query: { limit, cursor, webhookId, ...filters } }, { db }) {
    if (webhookId !== undefined) {
      const eventId = await findEventIdOfWebhook(db, webhookId)
      const event = eventId && (await findEvent(db, eventId))
      if (!event) throw new Problem('not_found', { detail: 'there is no event of this webhook' })
      return answer(200, toEventBody(event, await listEffects(db, event.eventId)))
    }
    const asked = { list: 'events', ...filters }
    const before = idFromCursor(cursor, asked)
    const { type, status, from, to } = filters
    const rows = await findEvents(db, {
      type,
      status,
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
      before,
      limit: limit + 1,
    })
    const { items, nextCursor } = toPage(rows, limit, asked, (row) => [row.eventId])
    return answer(200, { items: items.map(toEventSummary), nextCursor })
  },
})
