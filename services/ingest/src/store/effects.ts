import { type Database, query, type Transaction } from '@tributary/database'
import type { Effect } from '../domain/effects.ts'
import type { Heard } from '../domain/event-status.ts'

/** The types of those among these events that are in the journal. An id that is not a sender's event is left out. */
export async function findEventTypes(tx: Transaction, eventIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await query<{ event_id: string; type: string }>(
    tx,
    'select event_id, type from webhook_events where event_id = any(?::uuid[])',
    [[...new Set(eventIds)]],
  )
  return new Map(rows.map((row) => [row.event_id, row.type]))
}

/** Adds those that were not added before. */
export async function insertEffects(tx: Transaction, effects: readonly Effect[]): Promise<void> {
  await query(
    tx,
    `insert into effects (event_id, subject, service, kind, id, outcome, reason, at)
     select * from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::uuid[], ?::text[], ?::text[], ?::timestamptz[])
       as given (event_id, subject, service, kind, id, outcome, reason, at)
     order by event_id, subject, kind, id
     on conflict do nothing`,
    [
      effects.map((effect) => effect.eventId),
      effects.map((effect) => effect.subject),
      effects.map((effect) => effect.service),
      effects.map((effect) => effect.kind),
      effects.map((effect) => effect.id),
      effects.map((effect) => effect.outcome),
      effects.map((effect) => effect.reason),
      effects.map((effect) => effect.at),
    ],
  )
}

/** Takes what counts more than what stands. At most one for each event; sorted, so that batches do not deadlock. */
export async function raiseStatuses(tx: Transaction, heard: readonly Heard[]): Promise<void> {
  await query(
    tx,
    `insert into event_statuses (event_id, status, revision)
     select * from unnest(?::uuid[], ?::text[], ?::int[]) as given (event_id, status, revision) order by event_id
     on conflict (event_id) do update set status = excluded.status, revision = excluded.revision
       where excluded.revision > event_statuses.revision`,
    [heard.map((one) => one.eventId), heard.map((one) => one.status), heard.map((one) => one.revision)],
  )
}

/** In the order of hearing. */
export async function listEffects(db: Database, eventId: string): Promise<Effect[]> {
  return await query<Effect>(
    db,
    `select event_id as "eventId", subject, service, kind, id, outcome, reason, at
     from effects where event_id = ? order by seq`,
    [eventId],
  )
}
