import { idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import type { Effect } from '../domain/effects.ts'
import { eventStatuses } from '../domain/event-status.ts'
import type { StoredEvent } from '../store/events.ts'

const summary = {
  eventId: idField,
  webhookId: z.string(),
  source: z.string().meta({ description: '`default`, or the adapter that it came by.' }),
  type: z.string(),
  status: z.enum(eventStatuses),
  receivedAt: timeField,
}

/** An event in a list. */
export const eventSummary = z.object(summary)

/** An event with what came in and what became of it. */
export const eventBody = z.object({
  ...summary,
  body: z.unknown().meta({ description: 'The JSON that was sent; null where its person was forgotten.' }),
  erasedAt: timeField.optional().meta({ description: 'When its person was forgotten.' }),
  headers: z
    .record(z.string(), z.string())
    .nullable()
    .meta({ description: 'Those of the request that are kept; *** stands for a secret.' }),
  data: z.unknown().optional().meta({ description: "What is published, where that is not the body's `data`." }),
  reason: z.string().optional().meta({ description: 'Why it was not published when it came.' }),
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

export function toEventSummary({ eventId, webhookId, source, type, status, receivedAt }: StoredEvent) {
  return { eventId, webhookId, source, type, status, receivedAt: receivedAt.toISOString() }
}

export function toEventBody(event: StoredEvent, effects: readonly Effect[]): z.output<typeof eventBody> {
  return {
    ...toEventSummary(event),
    body: event.body === null ? null : readJson(event.body.toString('utf8')),
    ...(event.erasedAt === null ? {} : { erasedAt: event.erasedAt.toISOString() }),
    headers: event.headers === null ? null : (JSON.parse(event.headers) as Record<string, string>),
    ...(event.payload === null ? {} : { data: readJson(event.payload) }),
    ...(event.reason === null ? {} : { reason: event.reason }),
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

const readJson = (text: string): unknown => JSON.parse(text, keepDigits as Reviver)

type Reviver = (key: string, value: unknown) => unknown

/** Numbers leave in the digits in which they came, also those that no double can hold. */
function keepDigits(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value
  // In every V8 since 11.4; TypeScript does not know it yet.
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(source)
}
