import { idField } from '@tributary/contracts'
import { answer, Problem, type RequestContext, route } from '@tributary/service-kit'
import { z } from 'zod'
import { whyNotForced } from '../domain/force.ts'
import { findForced, insertForced, listFamily, lockRoot } from '../store/forced-events.ts'
import { findPublishable } from '../store/replayable-events.ts'
import { insertEventReplay, insertRepublications, type Request } from '../store/replays.ts'
import { webhookIdField } from './list-fields.ts'
import { reasonField } from './replay-body.ts'

const body = z
  .object({
    reason: reasonField.optional(),
    force: z
      .object({
        id: webhookIdField.meta({ description: 'Names the new event; the same id again is the same event.' }),
        reason: reasonField,
      })
      .optional()
      .meta({
        description:
          'Journals the event anew under an id of its own, so that it is decided anew. Only where the first decision was to ignore it.',
      }),
  })
  .optional()

type Tx = Parameters<Parameters<RequestContext['transaction']>[0]>[0]

export const replayEvent = route({
  method: 'POST',
  path: '/api/v1/webhooks/events/{eventId}/replay',
  summary: 'Publish an event again. What it did before it does not do twice.',
  access: { scope: 'webhooks:write' },
  params: z.object({ eventId: idField }),
  body,
  answers: {
    202: z.object({
      eventId: idField,
      replayId: idField.optional().meta({ description: 'Absent where the event was forced under this id before.' }),
      forcedEventId: idField.optional().meta({ description: 'The new event, where one was asked for.' }),
    }),
  },
  problems: ['not_found', 'replay_refused', 'idempotency_conflict'],

  async handle({ params: { eventId }, body: { reason = null, force } = {} }, { transaction, wake, ...context }) {
    const answered = await transaction(async (tx) => {
      await checkPublishable(tx, eventId)
      const request = { id: context.newId(), requestedAt: context.now(), requestedBy: context.principal!.id, reason }
      if (force) return await forceEvent(tx, eventId, { ...request, reason: force.reason }, force.id, context.newId)
      await insertEventReplay(tx, request, eventId)
      await insertRepublications(tx, request, [eventId], [context.newId()])
      return { eventId, replayId: request.id }
    })
    wake()
    return answer(202, answered)
  },
})

async function checkPublishable(tx: Tx, eventId: string): Promise<void> {
  const event = await findPublishable(tx, eventId)
  if (!event) throw new Problem('not_found', { detail: `there is no event ${eventId}, or it is no longer kept` })
  if (event.isReplayable) return
  const why =
    event.disposition === 'publish' ? 'its content was erased' : `it was never published: ${event.reason ?? 'ignored'}`
  throw new Problem('replay_refused', { detail: `event ${eventId} cannot be replayed: ${why}` })
}

async function forceEvent(tx: Tx, eventId: string, request: Request, forceId: string, newId: () => string) {
  const rootId = await lockRoot(tx, eventId)
  const before = await findForced(tx, forceId)
  if (before) {
    if (before.rootId === rootId) return { eventId, forcedEventId: before.eventId }
    throw new Problem('idempotency_conflict', { detail: `${forceId} was made of another event` })
  }
  const why = whyNotForced(await listFamily(tx, rootId))
  if (why !== null) throw new Problem('replay_refused', { detail: why })
  const forcedEventId = newId()
  await insertForced(tx, request, { rootId, eventId: forcedEventId, forceId })
  return { eventId, replayId: request.id, forcedEventId }
}
