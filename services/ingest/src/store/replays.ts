import { type Database, query, type Transaction } from '@tributary/database'
import type { EventStatus } from '../domain/event-status.ts'

/** Events received from the one id up to before the other. */
export type ReplayRange = Readonly<{
  fromId: string
  toId: string
  type: string | null
  source: string | null
  status: EventStatus | null
}>

export type Replay = Partial<ReplayRange> &
  Readonly<{
    id: string
    requestedAt: Date
    requestedBy: string
    reason: string | null
    kind: 'event' | 'range' | 'force'
    eventId: string | null
    forcedEventId: string | null
    eventsPerSecond: number | null
    state: 'running' | 'done' | 'cancelled'
    lastEventId: string | null
    replayed: number
    leftOut: number
    endedAt: Date | null
    cancelledBy: string | null
  }>

/** Who asks for a replay, when and why. */
export type Request = Readonly<{ id: string; requestedAt: Date; requestedBy: string; reason: string | null }>

/** Keeps that one event was published again, at once. */
export async function insertEventReplay(tx: Transaction, request: Request, eventId: string): Promise<void> {
  await query(
    tx,
    `insert into replays (id, requested_at, requested_by, reason, kind, event_id, state, next_step_at, ended_at, replayed)
     values (?, ?, ?, ?, 'event', ?, 'done', ?, ?, 1)`,
    [...head(request), eventId, request.requestedAt, request.requestedAt],
  )
}

/** Keeps that a range is to be published again; a job works it. */
export async function insertRangeReplay(
  db: Database | Transaction,
  request: Request,
  range: ReplayRange,
  eventsPerSecond: number,
): Promise<void> {
  await query(
    db,
    `insert into replays (id, requested_at, requested_by, reason, kind, from_id, to_id, type, source, status,
       events_per_second, state, next_step_at)
     values (?, ?, ?, ?, 'range', ?, ?, ?, ?, ?, ?, 'running', ?)`,
    [
      ...head(request),
      range.fromId,
      range.toId,
      range.type,
      range.source,
      range.status,
      eventsPerSecond,
      request.requestedAt,
    ],
  )
}

const head = ({ id, requestedAt, requestedBy, reason }: Request) => [id, requestedAt, requestedBy, reason]

const columns = `id, requested_at as "requestedAt", requested_by as "requestedBy", reason, kind, event_id as "eventId",
  forced_event_id as "forcedEventId", from_id as "fromId", to_id as "toId", type, source, status,
  events_per_second as "eventsPerSecond", state, last_event_id as "lastEventId", replayed, left_out as "leftOut",
  ended_at as "endedAt", cancelled_by as "cancelledBy"`

export async function findReplay(db: Database | Transaction, id: string): Promise<Replay | null> {
  const [replay] = await query<Replay>(db, `select ${columns} from replays where id = ?`, [id])
  return replay ?? null
}

/** The newest first. */
export async function listReplays(db: Database, before: string | null, limit: number): Promise<Replay[]> {
  return await query<Replay>(
    db,
    `select ${columns} from replays where ?::uuid is null or id < ?::uuid order by id desc limit ?`,
    [before, before, limit],
  )
}

/** The range that is worked, if its next step is due: one at a time, the oldest first, so that its rate is that of all. */
export async function findDueReplay(db: Database, now: Date): Promise<Replay | null> {
  const [replay] = await query<Replay>(
    db,
    `select ${columns} from replays
     where id = (select id from replays where state = 'running' order by id limit 1) and next_step_at <= ?`,
    [now],
  )
  return replay ?? null
}

export type Step = Readonly<{
  replayed: number
  leftOut: number
  lastEventId: string | null
  isLast: boolean
  now: Date
  nextStepAt: Date
}>

/** Moves a running replay on. False when another process did, or somebody cancelled it: then nothing may be published. */
export async function advanceReplay(tx: Transaction, before: Replay, step: Step): Promise<boolean> {
  const rows = await query(
    tx,
    `update replays set replayed = replayed + ?, left_out = left_out + ?, last_event_id = ?, next_step_at = ?,
       state = case when ? then 'done' else 'running' end, ended_at = case when ? then ?::timestamptz end
     where id = ? and state = 'running' and last_event_id is not distinct from ?::uuid and replayed = ?
     returning id`,
    [
      step.replayed,
      step.leftOut,
      step.lastEventId,
      step.nextStepAt,
      step.isLast,
      step.isLast,
      step.now,
      before.id,
      before.lastEventId,
      before.replayed,
    ],
  )
  return rows.length === 1
}

/** Stops a running replay where it is; answers the replay as it is then. */
export async function cancelReplay(db: Database, id: string, by: string, now: Date): Promise<Replay | null> {
  await query(
    db,
    `update replays set state = 'cancelled', cancelled_by = ?, ended_at = ? where id = ? and state = 'running'`,
    [by, now, id],
  )
  return await findReplay(db, id)
}

/** Publishes these events again, and notes it under each of them. `messageIds` are new ones, one for each. */
export async function insertRepublications(
  tx: Transaction,
  { id, requestedAt, requestedBy, reason }: Request,
  eventIds: readonly string[],
  messageIds: readonly string[],
): Promise<void> {
  if (eventIds.length === 0) return
  await query(
    tx,
    `with given as (select * from unnest(?::uuid[], ?::uuid[]) as given (event_id, message_id)),
     noted as (
       insert into effects (event_id, subject, service, kind, id, outcome, reason, at)
       select event_id, message_id, 'ingest', 'replay', ?::uuid, 'replayed', ?::text, ?::timestamptz from given
       order by event_id)
     insert into journal_replays (event_id, message_id, replay_id) select event_id, message_id, ?::uuid from given`,
    [eventIds, messageIds, id, whoAndWhy(requestedBy, reason), requestedAt, id],
  )
}

/** As the effect of an event tells it. */
export const whoAndWhy = (by: string, reason: string | null): string =>
  (reason === null ? `by ${by}` : `by ${by}: ${reason}`).slice(0, 500)
