import { type Database, query } from '@tributary/database'
import { findRetainedFrom } from './archives.ts'

/** What was read as of an instant, or why there is no answer. Instants are RFC 3339 in UTC with microseconds. */
export type AsOf<T> =
  | Readonly<{ status: 'read'; instant: string; result: T }>
  | Readonly<{ status: 'in_the_future' }>
  | Readonly<{ status: 'before_retention'; retainedSince: string }>

/**
 * Runs a read as of an instant, or of the newest there is for null, so that asking again gives the same answer for ever.
 * The database's clock decides, since it is the one that stamps postings: one that was stamped but is not committed yet is
 * waited for. None is open for as long as a minute. The wait is over before the read begins, so a long read holds up nobody.
 * A read that looks back needs what was posted so many days before the instant to be kept, too.
 */
export async function readAsOf<T>(
  db: Database,
  asked: string | null,
  read: (instant: string) => Promise<T>,
  daysBack = 0,
): Promise<AsOf<T>> {
  const { instant, future, since, kept } = await waitForInstant(db, asked, daysBack)
  if (future) return { status: 'in_the_future' }
  if (!kept) return { status: 'before_retention', retainedSince: since! }
  return { status: 'read', instant, result: await read(instant) }
}

type Instant = Readonly<{ instant: string; future: boolean; since: string | null; kept: boolean }>

/**
 * `next` is the earliest that a posting can be stamped: the clock's time, or just after the last one where the clock fell behind.
 * A statement of its own, not one in a transaction of the read: the lock that it waits with would be kept to the end of that,
 * and whoever posts would wait for the read.
 */
async function waitForInstant(db: Database, asked: string | null, daysBack: number): Promise<Instant> {
  const [row] = await query<Instant>(
    db,
    `select ${shown('instant')} as instant, instant >= next as future,
       case when isfinite(since) then ${shown('since')} end as since,
       -- The last instant before what is kept is still known: it is what that begins with.
       instant - ? * interval '24 hours' >= since - interval '1 microsecond' as kept,
       case when instant < next and instant > next - interval '1 minute' then wait_for_postings()::text end as waited
     from (select greatest(clock_timestamp(), posted_at + interval '1 microsecond') as next, retained_from() as since
           from ledger_head) head,
       lateral (select coalesce(?::timestamptz, next - interval '1 microsecond') as instant) asked`,
    [daysBack, asked],
  )
  return row!
}

const shown = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** Since when entries are kept; null while nothing has been archived. */
export function retainedSince(db: Database): Promise<string | null> {
  return findRetainedFrom(db)
}
