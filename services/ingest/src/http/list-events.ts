import { referenceField, timeField } from '@tributary/contracts'
import { answer, Problem, pageOf, pageQuery, route, toCursor } from '@tributary/service-kit'
import { z } from 'zod'
import { eventStatuses } from '../domain/event-status.ts'
import { listEffects } from '../store/effects.ts'
import { findEvent, findEventIdOfWebhook } from '../store/events.ts'
import { SOURCE } from '../store/journal.ts'
import { listEvents as findEvents } from '../store/list-events.ts'
import { eventBody, eventSummary, toEventBody, toEventSummary } from './event-body.ts'
import { idFromCursor, webhookIdField } from './list-fields.ts'
import { missingEvent } from './missing-event.ts'
import { typePattern } from './webhook-payload.ts'

export const listEvents = route({
  method: 'GET',
  path: '/api/v1/webhooks/events',
  summary:
    'Events, newest first; or with webhookId that one event, with everything about it. A page looks through 20,000 events at most: it may hold few and still lead on.',
  access: { scope: 'webhooks:read' },
  query: z.object({
    ...pageQuery,
    webhookId: webhookIdField.optional().meta({ description: 'Answers the event itself, or 404.' }),
    source: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/, { error: 'is no source' })
      .optional()
      .meta({ description: '`default`, or an adapter such as `stripe`; with webhookId: `default` unless given.' }),
    externalUserId: referenceField
      .optional()
      .meta({ description: "What is published names this one of the sender's users." }),
    type: z.string().max(64).regex(typePattern).optional(),
    status: z.enum(eventStatuses).optional(),
    from: timeField.optional().meta({ description: 'Received at this time or later.' }),
    to: timeField.optional().meta({ description: 'Received before this time.' }),
  }),
  answers: { 200: z.union([eventBody, pageOf(eventSummary)]) },
  problems: ['not_found'],

  async handle({ query: { limit, cursor, webhookId, ...filters } }, { db }) {
    if (webhookId !== undefined) {
      const eventId = await findEventIdOfWebhook(db, filters.source ?? SOURCE, webhookId)
      if (!eventId) throw new Problem('not_found', { detail: 'there is no event of this webhook' })
      const event = await findEvent(db, eventId)
      if (!event) throw await missingEvent(db, eventId)
      return answer(200, toEventBody(event, await listEffects(db, event.eventId)))
    }
    const asked = { list: 'events', ...filters }
    const before = idFromCursor(cursor, asked)
    const { from, to, ...rest } = filters
    const { events, next } = await findEvents(db, {
      ...rest,
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
      before,
      limit,
    })
    const nextCursor = next === null ? null : toCursor([next], asked)
    return answer(200, { items: events.map(toEventSummary), nextCursor })
  },
})
