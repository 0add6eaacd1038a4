import { idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import type { Effect } from '../domain/effects.ts'
import { eventStatuses } from '../domain/event-status.ts'
import type { StoredEvent } from '../store/events.ts'

const summary = {
  eventId: idField,
  webhookId: z.string(),
  type: z.string(),
  status: z.enum(eventStatuses),
  receivedAt: timeField,
}

/** An event in a list. */
export const eventSummary = z.object(summary)

/** An event with what came in and what became of it. */
export const eventBody = z.object({
  ...summary,
  body: z.unknown().meta({ description: 'The JSON that was sent.' }),
  effects: z.array(
    z.object({
      service: z.string(),
      kind: z.string(),
      id: idField,
      outcome: z.string(),
      reason: z.string().optional(),
      at: timeField,
    }),
  ),
})

export function toEventSummary({ eventId, webhookId, type, status, receivedAt }: StoredEvent) {
  return { eventId, webhookId, type, status, receivedAt: receivedAt.toISOString() }
}

export function toEventBody(event: StoredEvent, effects: readonly Effect[]): z.output<typeof eventBody> {
  return {
    ...toEventSummary(event),
    body: JSON.parse(event.body.toString('utf8'), keepDigits as Reviver),
    effects: effects.map(({ service, kind, id, outcome, reason, at }) => ({
      service,
      kind,
      id,
      outcome,
      ...(reason === null ? {} : { reason }),
      at: at.toISOString(),
    })),
  }
}

type Reviver = (key: string, value: unknown) => unknown

/** Numbers leave in the digits in which they came, also those that no double can hold. */
function keepDigits(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value
  // In every V8 since 11.4; TypeScript does not know it yet.
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(source)
}
