import { type Database, inTransaction, query, type Transaction } from '@tributary/database'
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

/**
 * Null when the day went; else why it stays, as the database says. The archive is kept once it is sure that nobody else lets
 * the day go, and before that is committed: a day is never gone without its archive.
 */
export async function dropDay(
  db: Database,
  day: Date,
  digests: readonly Digest[],
  archive: (Archive & Readonly<{ keep(): Promise<void> }>) | null,
): Promise<string | null> {
  const expected = archive?.events ?? digests.reduce((sum, { count }) => sum + count, 0)
  const drop = async (tx: Transaction) => {
    const [row] = await query<{ kept_because: string | null }>(
      tx,
      'select kept_because from drop_journal_day(?::date, ?, ?::jsonb, ?, ?)',
      [
        day.toISOString().slice(0, 10),
        expected,
        JSON.stringify(digests),
        archive?.name ?? null,
        archive?.sha256 ?? null,
      ],
    )
    if (row!.kept_because === null) await archive?.keep()
    return row!.kept_because
  }
  // An archive can be kept once only.
  return await inTransaction(db, drop, { attemptsMax: 1 })
}

/** Whether events of this instant were kept, and are no longer. */
export async function isDropped(db: Database, at: Date): Promise<boolean> {
  const rows = await query(db, 'select from dropped_days where day = ?::date', [at.toISOString().slice(0, 10)])
  return rows.length > 0
}
