import { type Database, query } from '@tributary/database'

/** A month of transfers or entries. `pending`: letting it go was begun and not finished. */
export type Partition = Readonly<{ name: string; table: string; until: string; pending: boolean }>

/**
 * When the month of a table ends, by its name; null for every other. A case, because a database reads conditions in any order:
 * it may look at the names of all there is before it asks whose partitions they are.
 */
const monthEnds = (name: string) => `case when ${name} ~ '^(transfers|ledger_entries)_[0-9]{6}$'
  then to_date(right(${name}, 6), 'YYYYMM') + interval '1 month' end`

/** The partitions whose month has ended before an instant, oldest first. Names end with their month: that is how they are made. */
export function listPartitionsBefore(db: Database, instant: string): Promise<Partition[]> {
  return query<Partition>(
    db,
    `select child.relname as name, parent.relname as table, inhdetachpending as pending,
       to_char(${monthEnds('child.relname')}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as until
     from pg_inherits
     join pg_class child on child.oid = inhrelid
     join pg_class parent on parent.oid = inhparent
     where inhparent in ('public.transfers'::regclass, 'public.ledger_entries'::regclass)
       and (${monthEnds('child.relname')}) at time zone 'utc' <= ?::timestamptz
     order by right(child.relname, 6), parent.relname`,
    [instant],
  )
}

/**
 * Takes a partition out of its table and drops it; for the owner. Readers and writers go on meanwhile: `concurrently` waits for those
 * who may be reading it, which is why it can run in no transaction, and what it was interrupted in is finished.
 */
export async function letGo(owner: Database, { name, table, pending }: Partition): Promise<void> {
  await owner.raw(`alter table ?? detach partition ?? ${pending ? 'finalize' : 'concurrently'}`, [table, name])
  await owner.raw('drop table ??', [name])
}

/** Drops months that were taken out of their tables and not dropped, since whoever did it was interrupted. */
export async function dropLeftovers(owner: Database, retainedFrom: string): Promise<void> {
  const rows = await query<{ name: string }>(
    owner,
    `select relname as name from pg_class
     where relkind = 'r' and not relispartition and relnamespace = 'public'::regnamespace
       and (${monthEnds('relname')}) at time zone 'utc' <= ?::timestamptz`,
    [retainedFrom],
  )
  for (const { name } of rows) await owner.raw('drop table ??', [name])
}
