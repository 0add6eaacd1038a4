import { type Database, query } from '@tributary/database'
import type { Effect } from '../domain/effects.ts'
import { eventColumns, type StoredEvent } from './events.ts'

export type ExportedEvent = StoredEvent &
  Readonly<{ time: Date; traceparent: string | null; effects: readonly Effect[] }>

/** Events between two ids, the lower one excluded, oldest first, each with what became of it. */
export async function listForExport(
  db: Database,
  { after, upTo, limit }: Readonly<{ after: string; upTo: string; limit: number }>,
): Promise<ExportedEvent[]> {
  const events = await query<Omit<ExportedEvent, 'effects'>>(
    db,
    `select ${eventColumns}, e.time, e.traceparent
     from webhook_events e left join event_statuses s on s.event_id = e.event_id and s.event_id > ?::uuid and s.event_id < ?::uuid
     where e.event_id > ?::uuid and e.event_id < ?::uuid order by e.event_id limit ?`,
    [after, upTo, after, upTo, limit],
  )
  if (events.length === 0) return []
  const effects = await query<Effect>(
    db,
    `select event_id as "eventId", subject, service, kind, id, outcome, reason, at from effects
     where event_id = any(?::uuid[]) and event_id > ?::uuid and event_id <= ?::uuid order by seq`,
    [events.map((event) => event.eventId), after, events.at(-1)!.eventId],
  )
  const byEvent = Map.groupBy(effects, (effect) => effect.eventId)
  return events.map((event) => ({ ...event, effects: byEvent.get(event.eventId) ?? [] }))
}
