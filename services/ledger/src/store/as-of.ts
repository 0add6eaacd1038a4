import { type Database, query, type Transaction } from '@tributary/database'

/**
 * Runs a read as of an instant, so that asking again gives the same answer for ever; null when the instant has not passed.
 * The database's clock decides, since it is the one that stamps postings: one that was stamped but is not committed yet is
 * waited for. None is open for as long as a minute.
 */
export function readAsOf<T>(db: Database, instant: string, read: (tx: Transaction) => Promise<T>): Promise<T | null> {
  return db.transaction(async (tx) => {
    const [row] = await query<{ future: boolean; recent: boolean }>(
      tx,
      `select ?::timestamptz > clock_timestamp() as future, ?::timestamptz > clock_timestamp() - interval '1 minute' as recent`,
      [instant, instant],
    )
    if (row!.future) return null
    if (row!.recent) await query(tx, 'select wait_for_postings()')
    return read(tx)
  })
}
