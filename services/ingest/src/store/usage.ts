import { type Database, query, type Transaction } from '@tributary/database'

/** What was accepted in a month, as far as it counts. */
export type Usage = Readonly<{
  used: number
  /** Of these, accepted over the quota. */
  deferred: number
  /** Of these, published after all. */
  released: number
}>

const none: Usage = { used: 0, deferred: 0, released: 0 }

/** What is added up and what is not yet. */
const allCounts = `(select month, used::bigint, deferred::bigint, released::bigint from usage_counts
  union all select month, used, deferred, released from usage_months)`

/** Exact, as of now: of all that is committed. */
export async function findUsage(db: Database | Transaction, month: string): Promise<Usage> {
  const [row] = await query<Usage>(
    db,
    `select sum(used)::float8 as used, sum(deferred)::float8 as deferred, sum(released)::float8 as released
     from ${allCounts} counts where month = ?::date having count(*) > 0`,
    [month],
  )
  return row ?? none
}

/** Of the month that the database's clock says. */
export async function findUsageNow(db: Database): Promise<Usage> {
  const [row] = await query<{ month: string }>(
    db,
    `select date_trunc('month', now() at time zone 'utc')::date::text as month`,
  )
  return await findUsage(db, row!.month)
}

/** A month with deferred events that were not released. */
export type WaitingMonth = Readonly<{ month: string; waiting: number }>

/** The oldest first. */
export async function listWaitingMonths(db: Database | Transaction): Promise<WaitingMonth[]> {
  return await query<WaitingMonth>(
    db,
    `select month::text, sum(deferred - released)::float8 as waiting from ${allCounts} counts
     group by month having sum(deferred - released) > 0 order by month`,
  )
}

/** Makes others who lock the month wait, and sees all that they did before. */
export async function lockMonth(tx: Transaction, month: string): Promise<void> {
  await query(
    tx,
    'insert into usage_months (month, used, deferred, released) values (?, 0, 0, 0) on conflict do nothing',
    [month],
  )
  await query(tx, 'select from usage_months where month = ?::date for update', [month])
}

/** Adds up the rows of so many commits at most; answers whether there may be more. */
export async function addUp(tx: Transaction, rowsMax: number): Promise<boolean> {
  const [row] = await query<{ rows: number }>(
    tx,
    `with gone as (
       delete from usage_counts where ctid in (select ctid from usage_counts limit ?::int)
       returning month, used, deferred, released
     ), added as (
       insert into usage_months (month, used, deferred, released)
       select month, sum(used), sum(deferred), sum(released) from gone group by month order by month
       on conflict (month) do update set used = usage_months.used + excluded.used,
         deferred = usage_months.deferred + excluded.deferred, released = usage_months.released + excluded.released
     )
     select count(*)::int as rows from gone`,
    [rowsMax],
  )
  return row?.rows === rowsMax
}

export type Notice = Readonly<{ month: string; quota: number; percent: number; at: Date }>

/** False where somebody told it before. */
export async function insertNotice(tx: Transaction, { month, quota, percent, at }: Notice): Promise<boolean> {
  const rows = await query(
    tx,
    'insert into quota_notices (month, quota, percent, at) values (?, ?, ?, ?) on conflict do nothing returning percent',
    [month, quota, percent, at],
  )
  return rows.length === 1
}
