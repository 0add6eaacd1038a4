import { query, type Transaction } from '@tributary/database'
import { timeOfId } from '../domain/event-time.ts'
import type { Relative } from '../domain/force.ts'
import { type Request, whoAndWhy } from './replays.ts'

/** The source of events that were made by force. Their webhook id is the one that the caller gave. */
const SOURCE_OF_FORCED = 'replay'

/** The event made under this id before, and what it was made of. */
export async function findForced(
  tx: Transaction,
  forceId: string,
): Promise<Readonly<{ eventId: string; rootId: string }> | null> {
  const [row] = await query<{ eventId: string; rootId: string }>(
    tx,
    `select k.event_id as "eventId", r.event_id as "rootId"
     from idempotency_keys k join replays r on r.forced_event_id = k.event_id and r.kind = 'force'
     where k.source = '${SOURCE_OF_FORCED}' and k.webhook_id = ?`,
    [forceId],
  )
  return row ?? null
}

/** The first of an event's family: itself, where it was not made by force. Until the end nobody else forces one of it. */
export async function lockRoot(tx: Transaction, eventId: string): Promise<string> {
  const [row] = await query<{ root: string }>(
    tx,
    `select coalesce((select event_id from replays where forced_event_id = ? and kind = 'force'), ?) as root`,
    [eventId, eventId],
  )
  await query(tx, `select pg_advisory_xact_lock(hashtextextended('force:' || ?::text, 0))`, [row!.root])
  return row!.root
}

/** An event and all that were made of it by force, each with its status and the reason of its latest decision. */
export async function listFamily(tx: Transaction, rootId: string): Promise<Relative[]> {
  return await query<Relative>(
    tx,
    `select f.event_id as "eventId", coalesce(s.status, 'received') as status,
       (select reason from effects where event_id = f.event_id and kind = 'decision' order by seq desc limit 1) as reason
     from (select ?::uuid as event_id
           union all select forced_event_id from replays where event_id = ? and kind = 'force') f
     left join event_statuses s on s.event_id = f.event_id`,
    [rootId, rootId],
  )
}

/** Journals the event anew, as another one with the same content, and notes that under the first. */
export async function insertForced(
  tx: Transaction,
  request: Request,
  { rootId, eventId, forceId }: Readonly<{ rootId: string; eventId: string; forceId: string }>,
): Promise<void> {
  await query(
    tx,
    `with first as (select * from webhook_events where event_id = ?),
     key as (insert into idempotency_keys (source, webhook_id, body_sha256, event_id)
       select '${SOURCE_OF_FORCED}', ?, sha256(body), ?::uuid from first),
     noted as (insert into effects (event_id, subject, service, kind, id, outcome, reason, at)
       values (?::uuid, ?::uuid, 'ingest', 'event', ?::uuid, 'forced', ?, ?)),
     replay as (insert into replays (id, requested_at, requested_by, reason, kind, event_id, forced_event_id, state,
         next_step_at, ended_at, replayed)
       values (?::uuid, ?, ?, ?, 'force', ?::uuid, ?::uuid, 'done', ?, ?, 1))
     insert into webhook_events (event_id, received_at, time, source, webhook_id, type, traceparent, body, headers, payload)
     select ?::uuid, ?, time, '${SOURCE_OF_FORCED}', ?, type, traceparent, body, headers, payload from first`,
    [
      ...[rootId, forceId, eventId],
      ...[rootId, request.id, eventId, whoAndWhy(request.requestedBy, request.reason), request.requestedAt],
      ...[request.id, request.requestedAt, request.requestedBy, request.reason, rootId, eventId],
      ...[request.requestedAt, request.requestedAt],
      ...[eventId, timeOfId(eventId), forceId],
    ],
  )
}
