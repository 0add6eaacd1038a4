import { type Database, query } from '@tributary/database'
import type { Digest } from './digests.ts'

/** Days of the journal before this one, oldest first. */
export async function listDaysBefore(db: Database, bound: Date): Promise<Date[]> {
  const rows = await query<{ day: string }>(
    db,
    `select to_char(to_date(right(child.relname, 8), 'YYYYMMDD'), 'YYYY-MM-DD') as day
     from pg_inherits join pg_class child on child.oid = inhrelid
     where inhparent = 'public.webhook_events'::regclass and right(child.relname, 8) < ? order by child.relname`,
    [bound.toISOString().slice(0, 10).replaceAll('-', '')],
  )
  return rows.map(({ day }) => new Date(`${day}T00:00:00Z`))
}

export type Archive = Readonly<{ name: string; sha256: string; events: number }>

/** Null when the day went; else why it stays, as the database says. */
export async function dropDay(
  db: Database,
  day: Date,
  digests: readonly Digest[],
  archive: Archive | null,
): Promise<string | null> {
  const expected = archive?.events ?? digests.reduce((sum, { count }) => sum + count, 0)
  const [row] = await query<{ kept_because: string | null }>(
    db,
    'select kept_because from drop_journal_day(?::date, ?, ?::jsonb, ?, ?)',
    [day.toISOString().slice(0, 10), expected, JSON.stringify(digests), archive?.name ?? null, archive?.sha256 ?? null],
  )
  return row!.kept_because
}

/** Whether events of this instant were kept, and are no longer. */
export async function isDropped(db: Database, at: Date): Promise<boolean> {
  const rows = await query(db, 'select from dropped_days where day = ?::date', [at.toISOString().slice(0, 10)])
  return rows.length > 0
}
