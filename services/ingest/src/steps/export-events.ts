import { isUtf8 } from 'node:buffer'
import type { Database } from '@tributary/database'
import { lowestIdAt } from '../domain/event-time.ts'
import { type ExportedEvent, listForExport } from '../store/exported-events.ts'

/** In memory at once; of the largest bodies 13 MB. */
const EVENTS_A_PAGE = 200

/**
 * The journal between two instants as text, one JSON object a line, oldest first, made while it is read: memory does not
 * grow with it. The last line, `{"type":"end","events":N}`, says that nothing is missing.
 */
export async function* exportEvents(db: Database, from: Date, to: Date): AsyncGenerator<string> {
  const upTo = lowestIdAt(to)
  let count = 0
  // An id made by the clock is above the lowest of its instant.
  for (let after = lowestIdAt(from); ; ) {
    const events = await listForExport(db, { after, upTo, limit: EVENTS_A_PAGE })
    count += events.length
    if (events.length > 0) yield events.map((event) => `${JSON.stringify(lineOf(event))}\n`).join('')
    if (events.length < EVENTS_A_PAGE) break
    after = events.at(-1)!.eventId
  }
  yield `${JSON.stringify({ type: 'end', events: count })}\n`
}

/** The body as the text that it was, character by character; in base64 where it is none. */
function lineOf({
  body,
  headers,
  payload,
  receivedAt,
  time,
  erasedAt,
  effects,
  type,
  ...event
}: ExportedEvent): object {
  return {
    type: 'event',
    ...event,
    eventType: type,
    receivedAt: receivedAt.toISOString(),
    time: time.toISOString(),
    headers: headers === null ? null : JSON.parse(headers),
    ...(body === null || isUtf8(body)
      ? { body: body?.toString('utf8') ?? null }
      : { bodyBase64: body.toString('base64') }),
    data: payload,
    erasedAt: erasedAt?.toISOString() ?? null,
    effects: effects.map(({ service, kind, id, outcome, reason, at }) => ({
      service,
      kind,
      id,
      outcome,
      reason,
      at: at.toISOString(),
    })),
  }
}
