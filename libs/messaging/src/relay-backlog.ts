import type { Session } from '@tributary/database'
import type { Cursor, RelayStream } from './relay-stream.ts'

/** What waits: rows not yet published, the age of the oldest, the age of the oldest that an open transaction holds back. */
export type Backlog = Readonly<{ pending: number; oldestSeconds: number; guardSeconds: number; parked: number }>

/** A database connection with a write transaction open, maybe of another service on the same server. */
export type Writer = Readonly<{ pid: number; application: string; database: string }>

/** Counts at most this many waiting rows: past it the alarm is the same, and counting would cost more than sending. */
const BACKLOG_COUNT_MAX = 100_000

export async function measureBacklog(session: Session, stream: RelayStream, cursor: Cursor): Promise<Backlog> {
  const { rows } = await session.query<Backlog>(
    `select count(*)::int as pending,
       coalesce(extract(epoch from now() - min(recorded_at))::float8, 0) as "oldestSeconds",
       coalesce(extract(epoch from now() - min(recorded_at)
         filter (where xid >= pg_snapshot_xmin(pg_current_snapshot())))::float8, 0) as "guardSeconds",
       (select count(*)::int from parked_messages where status = 'parked') as parked
     from (select e.xid, e.recorded_at from ${stream.table} e
           where (e.xid, e.seq) > ($1::xid8, $2::bigint) and ${stream.only ?? 'true'}
           order by e.xid, e.seq limit ${BACKLOG_COUNT_MAX}) waiting`,
    [cursor.xid, cursor.seq],
  )
  const [backlog] = rows
  if (!backlog) throw new Error(`the backlog of ${stream.name} could not be measured`)
  return backlog
}

/** Whoever holds back everything committed since: pg_locks shows its transaction to everyone, pg_stat_activity its name. */
export async function findOldestWriter(session: Session): Promise<Writer | null> {
  const { rows } = await session.query<Writer>(
    `select pid, application_name as application, datname as database
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'transactionid' and l.granted and l.mode = 'ExclusiveLock'
     order by age(l.transactionid) desc limit 1`,
  )
  return rows[0] ?? null
}
