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
  const since = await retainedSince(db)
  const { instant, future, recent, kept } = await findInstant(db, asked, since, daysBack)
  if (future) return { status: 'in_the_future' }
  if (!kept) return { status: 'before_retention', retainedSince: since! }
  // Not in the transaction of the read: the lock would be kept to its end, and whoever posts would wait for it.
  if (recent) await query(db, 'select wait_for_postings()')
  return { status: 'read', instant, result: await read(instant) }
}

type Instant = Readonly<{ instant: string; future: boolean; recent: boolean; kept: boolean }>

/** `next` is the earliest that a posting can be stamped: the clock's time, or just after the last one where the clock fell behind. */
async function findInstant(
  db: Database,
  asked: string | null,
  since: string | null,
  daysBack: number,
): Promise<Instant> {
  const [row] = await query<Instant>(
    db,
    `select to_char(instant at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as instant, instant >= next as future,
       instant > clock_timestamp() - interval '1 minute' as recent,
       -- The last instant before what is kept is still known: it is what that begins with.
       coalesce(instant - ? * interval '24 hours' >= ?::timestamptz - interval '1 microsecond', true) as kept
     from (select greatest(clock_timestamp(), posted_at + interval '1 microsecond') as next from ledger_head) head,
       lateral (select coalesce(?::timestamptz, next - interval '1 microsecond') as instant) asked`,
    [daysBack, since, asked],
  )
  return row!
}

/** Since when entries are kept; null while nothing has been archived. */
export function retainedSince(db: Database): Promise<string | null> {
  return findRetainedFrom(db)
}
