import { type Database, query } from '@tributary/database'
import type { EventStatus } from '../domain/event-status.ts'
import { lowestIdAt } from '../domain/event-time.ts'
import { eventColumns, type StoredEvent } from './events.ts'

export type EventFilter = Readonly<{
  type?: string | undefined
  source?: string | undefined
  externalUserId?: string | undefined
  status?: EventStatus | undefined
  /** Received at or after. */
  from?: Date | undefined
  /** Received before. */
  to?: Date | undefined
  /** Only what came before this one. */
  before: string | null
  limit: number
}>

export type EventPage = Readonly<{
  events: readonly StoredEvent[]
  /** Where to go on, or null at the end. A page that looked through all it may leads on even if it found little. */
  next: string | null
}>

/** A page looks through so many events at most, a fifth of a second's work: a rare filter never reads the whole journal. */
export const SCANNED_MAX = 20_000

/** The newest first. Times are ranges of ids, so that only the days asked for are read. */
export async function listEvents(db: Database, filter: EventFilter, scannedMax = SCANNED_MAX): Promise<EventPage> {
  const window = windowOf(filter, scannedMax)
  const given = conditionsOf(filter)
  const rows = await query<StoredEvent>(
    db,
    `select ${eventColumns} from (${window.sql}) w
     join webhook_events e on e.event_id = w.event_id
     left join event_statuses s on s.event_id = e.event_id
     ${given.sql}
     order by w.event_id desc limit ?`,
    [...window.bindings, ...given.bindings, filter.limit + 1],
  )
  const events = rows.slice(0, filter.limit)
  if (rows.length > filter.limit) return { events, next: events.at(-1)!.eventId }
  const [last] = await query<{ event_id: string }>(db, `select event_id from (${window.sql}) w offset ? limit 1`, [
    ...window.bindings,
    scannedMax - 1,
  ])
  return { events, next: last?.event_id ?? null }
}

type Sql = Readonly<{ sql: string; bindings: readonly unknown[] }>

/** Those in need of a look are found by their index, all others by going back through the journal. */
function windowOf({ status, from, to, before }: EventFilter, scannedMax: number): Sql {
  const isIndexed = status !== undefined && status !== 'received' && status !== 'processed'
  return where(
    `select event_id from ${isIndexed ? 'event_statuses' : 'webhook_events'}`,
    [
      // Written out, so that the planner sees that its partial index covers it.
      [isIndexed ? `status = '${status}' and status <> 'processed' and ?` : undefined, true],
      [from && 'event_id >= ?::uuid', from && lowestIdAt(from)],
      [to && 'event_id < ?::uuid', to && lowestIdAt(to)],
      [before !== null ? 'event_id < ?::uuid' : undefined, before],
    ],
    `order by event_id desc limit ${scannedMax}`,
  )
}

function conditionsOf({ type, source, externalUserId, status }: EventFilter): Sql {
  return where('', [
    [type && 'e.type = ?', type],
    [source && 'e.source = ?', source],
    [externalUserId && 'tells_of(?, e.payload, e.body)', externalUserId],
    [status && "coalesce(s.status, 'received') = ?", status],
  ])
}

function where(start: string, conditions: readonly (readonly [string | undefined, unknown])[], end = ''): Sql {
  const given = conditions.filter(([sql]) => sql !== undefined)
  const all = given.length === 0 ? '' : `where ${given.map(([sql]) => sql).join(' and ')}`
  return { sql: `${start} ${all} ${end}`, bindings: given.map(([, value]) => value) }
}
