import { type Database, query } from '@tributary/database'

/** Says that this process takes webhooks in, and answers how many did within these seconds, itself included. */
export async function countIntakeProcesses(db: Database, id: string, withinSeconds: number): Promise<number> {
  const [row] = await query<{ others: number }>(
    db,
    `with here as (
       insert into intake_processes (id, seen_at) values (?, now())
       on conflict (id) do update set seen_at = excluded.seen_at),
     gone as (delete from intake_processes where seen_at < now() - interval '1 hour')
     select count(*)::int as others from intake_processes
     where id <> ? and seen_at > now() - make_interval(secs => ?::float8)`,
    [id, id, withinSeconds],
  )
  return (row?.others ?? 0) + 1
}
