import { idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import { eventStatuses } from '../domain/event-status.ts'
import { timeOfId } from '../domain/event-time.ts'
import type { Replay } from '../store/replays.ts'

/** Why somebody replays. */
export const reasonField = z
  .string()
  .min(1)
  .max(400)
  .regex(/^\P{Cc}+$/u, { error: 'must be one line of text' })

/** A replay as its requester follows it. */
export const replayBody = z.object({
  id: idField,
  kind: z.enum(['event', 'range', 'force']),
  state: z.enum(['running', 'done', 'cancelled']),
  requestedAt: timeField,
  requestedBy: z.string(),
  reason: z.string().nullable(),
  eventId: idField.nullable(),
  forcedEventId: idField.nullable(),
  range: z
    .object({
      from: timeField,
      to: timeField,
      type: z.string().nullable(),
      source: z.string().nullable(),
      status: z.enum(eventStatuses).nullable(),
      eventsPerSecond: z.int(),
      doneUntil: timeField.nullable().meta({ description: 'Every event received before this is done.' }),
    })
    .nullable(),
  replayed: z.int(),
  leftOut: z.int().meta({ description: 'Events that were never published, or whose content is gone.' }),
  endedAt: timeField.nullable(),
  cancelledBy: z.string().nullable(),
})

export function toReplayBody(replay: Replay): z.output<typeof replayBody> {
  const { id, kind, state, reason, eventId, forcedEventId, requestedBy, replayed, leftOut, cancelledBy } = replay
  const { fromId, toId, type = null, source = null, status = null, eventsPerSecond, lastEventId } = replay
  const range =
    fromId && toId && eventsPerSecond !== null
      ? {
          from: timeOfId(fromId).toISOString(),
          to: timeOfId(toId).toISOString(),
          ...{ type, source, status, eventsPerSecond },
          doneUntil: lastEventId === null ? null : timeOfId(lastEventId).toISOString(),
        }
      : null
  return {
    ...{ id, kind, state, reason, eventId, forcedEventId, range, requestedBy, replayed, leftOut, cancelledBy },
    requestedAt: replay.requestedAt.toISOString(),
    endedAt: replay.endedAt?.toISOString() ?? null,
  }
}
