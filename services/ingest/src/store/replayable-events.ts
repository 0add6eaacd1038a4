import { type Database, query, type Transaction } from '@tributary/database'
import type { ReplayRange } from './replays.ts'

/** `as e` must be a journal entry. What was not published yet, or never will be, is not published by a replay, and what is gone cannot be. */
const isReplayable = `((e.disposition = 'publish' or (e.disposition = 'defer' and not exists (
    select from event_statuses w where w.event_id = e.event_id and w.status = 'deferred')))
  and (e.payload is not null or e.body is not null))`

export type Publishable = Readonly<{ isReplayable: boolean; disposition: string; reason: string | null }>

/** Whether an event can be published again, and what keeps it from that. Null where there is no such event. */
export async function findPublishable(tx: Transaction, eventId: string): Promise<Publishable | null> {
  const [row] = await query<Publishable>(
    tx,
    `select ${isReplayable} as "isReplayable", e.disposition, e.reason from webhook_events e where e.event_id = ?`,
    [eventId],
  )
  return row ?? null
}

/** Entries looked at in one step, at most: a rare type must not make one statement of a year. */
const SCAN_MAX = 20_000

export type Scan = Readonly<{ eventIds: readonly string[]; leftOut: number; lastId: string | null; isLast: boolean }>

/** The next events of a range after `afterId`, in the order of their ids, at most `limit`. */
export async function scanRange(
  db: Database,
  range: ReplayRange,
  afterId: string | null,
  limit: number,
): Promise<Scan> {
  const rows = await query<{ event_id: string; is_replayable: boolean; matches: boolean }>(
    db,
    `with scanned as materialized (
       select e.event_id, e.type, e.source, ${isReplayable} as is_replayable from webhook_events e
       where e.event_id >= ?::uuid and e.event_id < ?::uuid and e.event_id > ?::uuid order by e.event_id limit ?)
     select e.event_id, e.is_replayable, ${matches} as matches
     from scanned e left join event_statuses s on s.event_id = e.event_id
       and s.event_id >= ?::uuid and s.event_id < ?::uuid
     order by e.event_id`,
    [range.fromId, range.toId, afterId ?? LOWEST, SCAN_MAX, ...filters(range), range.fromId, range.toId],
  )
  const matching = rows.filter((row) => row.matches)
  const taken = matching.slice(0, limit)
  const isWhole = taken.length === matching.length
  return {
    eventIds: taken.filter((row) => row.is_replayable).map((row) => row.event_id),
    leftOut: taken.filter((row) => !row.is_replayable).length,
    lastId: (isWhole ? rows : taken).at(-1)?.event_id ?? afterId,
    isLast: isWhole && rows.length < SCAN_MAX,
  }
}

const LOWEST = '00000000-0000-0000-0000-000000000000'

const matches = `((?::text is null or e.type = ?) and (?::text is null or e.source = ?)
  and (?::text is null or coalesce(s.status, 'received') = ?))`

const filters = ({ type, source, status }: ReplayRange) => [type, type, source, source, status, status]

/** A dry run counts so many events, at most. */
export const COUNTED_MAX = 100_000

export type Done = Readonly<{ service: string; kind: string; outcome: string; count: number }>
export type Counted = Readonly<{
  byStatus: readonly Readonly<{ status: string; count: number; replayable: number }>[]
  effects: readonly Done[]
}>

/** What a range holds and what became of it. */
export async function countRange(db: Database, range: ReplayRange): Promise<Counted> {
  const matched = `matched as materialized (
    select e.event_id, coalesce(s.status, 'received') as status, ${isReplayable} as is_replayable
    from webhook_events e left join event_statuses s on s.event_id = e.event_id
      and s.event_id >= ?::uuid and s.event_id < ?::uuid
    where e.event_id >= ?::uuid and e.event_id < ?::uuid and ${matches} order by e.event_id limit ${COUNTED_MAX})`
  const { fromId, toId } = range
  const bindings = [fromId, toId, fromId, toId, ...filters(range)]
  const byStatus = await query<Counted['byStatus'][number]>(
    db,
    `with ${matched} select status, count(*)::int as count, (count(*) filter (where is_replayable))::int as replayable
     from matched group by status order by status`,
    bindings,
  )
  const effects = await query<Done>(
    db,
    `with ${matched} select f.service, f.kind, f.outcome, count(*)::int as count
     from matched join effects f on f.event_id = matched.event_id and f.event_id >= ?::uuid and f.event_id < ?::uuid
     group by 1, 2, 3 order by 1, 2, 3`,
    [...bindings, fromId, toId],
  )
  return { byStatus, effects }
}
