import { type Database, query, type Transaction } from '@tributary/database'
import type { AccountRow, ArchiveRow, OpeningRow } from '../proof/rows.ts'
import { archiveColumns, instant } from './read-rows.ts'

/** All archives of what was posted before an instant, oldest first. */
export function listArchives(db: Database | Transaction, until: string): Promise<ArchiveRow[]> {
  return query<ArchiveRow>(
    db,
    `select ${archiveColumns} from archives r where r.retained_from < ?::timestamptz order by r.number`,
    [until],
  )
}

/** The accounts that an archive knows after those of the archive before, at most `limit` after an id. */
export function listArchivedAccounts(
  db: Database,
  { lastAccount }: ArchiveRow,
  after: string,
  limit: number,
): Promise<AccountRow[]> {
  return query<AccountRow>(
    db,
    `select 'account' as type, id::text, kind, user_id as "userId", provider, currency, ${instant('opened_at')} as "openedAt"
     from accounts where accounts.id > ?::bigint and accounts.id <= ?::bigint order by accounts.id limit ?`,
    [after, lastAccount, limit],
  )
}

/** What accounts came to that an archive touched, at most `limit` after an account. */
export function listOpenings(db: Database, archive: string, after: string, limit: number): Promise<OpeningRow[]> {
  return query<OpeningRow>(
    db,
    `select 'opening' as type, archive::text, account_id::text as "accountId", version::text, debits::text, credits::text, balance::text
     from opening_balances where archive = ?::int and account_id > ?::bigint order by account_id limit ?`,
    [archive, after, limit],
  )
}

/** Until when the oldest month reaches that has anything to archive; null where nothing is old enough, or nothing was posted after it. */
export async function findOldestMonth(db: Database, cutoff: string): Promise<string | null> {
  const [row] = await query<{ until: string | null }>(
    db,
    `select to_char(until, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as until from (
       select date_trunc('month', min(posted_at) at time zone 'utc') + interval '1 month' as until
       from batches where posted_at >= retained_from()
     ) oldest, ledger_head
     where until at time zone 'utc' <= ?::timestamptz and posted_at >= until at time zone 'utc'`,
    [cutoff],
  )
  return row?.until ?? null
}

/** Why what was posted before an instant must not be archived yet; null where nothing speaks against it. */
export async function findObstacle(db: Database, until: string): Promise<string | null> {
  const [row] = await query<{ unverified: boolean; lagging: boolean; unsigned: boolean }>(
    db,
    `select not exists (
         select from verifications where status = 'passed' and kind = 'full' and started_at >= ?::timestamptz
           and started_at = (select max(started_at) from verifications where kind = 'full')
       ) as unverified,
       (select posted_at < (select max(posted_at) from batches where posted_at < ?::timestamptz) from verification_progress) as lagging,
       not exists (
         select from checkpoints
         where last_batch = (select number from batches where posted_at < ?::timestamptz order by posted_at desc limit 1)
       ) as unsigned`,
    [until, until, until],
  )
  if (row!.unverified) return 'the last verification of everything did not pass, or is older'
  if (row!.lagging) return 'incremental verification has not come that far'
  return row!.unsigned ? 'no checkpoint ends there' : null
}

/** Closes what was posted before an instant, for the owner: the books start from there. Refuses when the file has another number of rows. */
export async function archiveLedger(
  owner: Database,
  { until, fileName, sha256, lines }: Readonly<{ until: string; fileName: string; sha256: string; lines: Lines }>,
): Promise<void> {
  await query(owner, "select from archive_ledger(?::timestamptz, ?, decode(?, 'hex'), ?::bigint, ?::bigint)", [
    until,
    fileName,
    sha256,
    lines.transfers,
    lines.entries,
  ])
}

/** How many rows a file holds. */
export type Lines = Readonly<{ transfers: number; entries: number }>

/** Since when transfers and entries are kept, RFC 3339; null while nothing was archived. */
export async function findRetainedFrom(db: Database): Promise<string | null> {
  const [row] = await query<{ from: string }>(
    db,
    `select ${instant('retained_from')} as from from archives order by number desc limit 1`,
  )
  return row?.from ?? null
}
