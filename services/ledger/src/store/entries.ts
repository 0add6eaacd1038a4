import { type Database, query } from '@tributary/database'

/** One line of a user's statement. Times are RFC 3339 with microseconds. */
export type StatementLine = Readonly<{
  accountId: bigint
  account: string
  currency: string
  version: bigint
  side: 'debit' | 'credit'
  amount: bigint
  balanceAfter: bigint
  transferId: string
  kind: string
  causeId: string
  rewardId: string | null
  cashoutId: string | null
  postedAt: string
  effectiveAt: string
}>

export type StatementFilter = Readonly<{ userId: string; currency: string | undefined; account: string | undefined }>
/** From the first instant, or from the beginning, until just before the second; by when it was recorded. */
export type Period = Readonly<{ from: string | null; to: string }>

/** What an account had at both ends of a period; its entries in between have the versions after the first and up to the last. */
export type AccountPeriod = Readonly<{
  accountId: bigint
  account: string
  currency: string
  opening: bigint
  closing: bigint
  openingVersion: bigint
  closingVersion: bigint
}>

/** The user's accounts at the end of a period, by currency. What was opened later is left out, so that a period stays as it is. */
export function findAccountPeriods(
  db: Database,
  { userId, currency, account }: StatementFilter,
  { from, to }: Period,
): Promise<AccountPeriod[]> {
  return query<AccountPeriod>(
    db,
    `select a.id as "accountId", substr(a.kind, 6) as account, a.currency, opening.balance as opening,
       closing.balance as closing, opening.version as "openingVersion", closing.version as "closingVersion"
     from accounts a
     cross join lateral position_as_of(a.id, coalesce(?::timestamptz - interval '1 microsecond', '-infinity')) opening
     cross join lateral position_as_of(a.id, ?::timestamptz - interval '1 microsecond') closing
     where a.user_id = ?::uuid and a.kind like 'user:%' and a.opened_at < ?::timestamptz
       and (?::text is null or a.currency = ?) and (?::text is null or a.kind = 'user:' || ?)
     order by a.currency, array_position(array['user:pending', 'user:available', 'user:held', 'user:in_payout'], a.kind)`,
    [from, to, userId, to, currency ?? null, currency ?? null, account ?? null, account ?? null],
  )
}

/** Where the page before ended. */
export type StatementPlace = Readonly<{ postedAt: string; accountId: string; version: string }>

/**
 * The entries of some accounts in a period, before a place, newest first. Each account is entered at its place, so a late page
 * costs no more than the first.
 */
export function findStatement(
  db: Database,
  accounts: readonly AccountPeriod[],
  { from, to }: Period,
  before: StatementPlace | null,
  limit: number,
): Promise<StatementLine[]> {
  return query<StatementLine>(
    db,
    `with place as (select ?::timestamptz as posted_at, ?::bigint as account_id, ?::bigint as version),
     mine as (
       select a.id, a.account, a.currency, a.first_version, least(a.last_version, case
         when place.posted_at is null then a.last_version
         when a.id < place.account_id then (position_as_of(a.id, place.posted_at)).version
         when a.id = place.account_id then place.version - 1
         else (position_as_of(a.id, place.posted_at - interval '1 microsecond')).version
       end) as last_version
       from unnest(?::bigint[], ?::text[], ?::text[], ?::bigint[], ?::bigint[])
         as a (id, account, currency, first_version, last_version)
       cross join place
     )
     select mine.account, mine.currency, ${entryFields}
     from mine
     cross join lateral (
       select * from ledger_entries where account_id = mine.id and version > mine.first_version and version <= mine.last_version
         and posted_at >= coalesce(?::timestamptz, '-infinity') and posted_at < ?::timestamptz
       order by version desc limit ?
     ) e
     join transfers t on t.id = e.transfer_id and t.posted_at = e.posted_at
     order by e.posted_at desc, e.account_id desc, e.version desc limit ?`,
    [
      before?.postedAt ?? null,
      before?.accountId ?? null,
      before?.version ?? null,
      accounts.map(({ accountId }) => accountId),
      accounts.map(({ account }) => account),
      accounts.map(({ currency }) => currency),
      accounts.map(({ openingVersion }) => openingVersion),
      accounts.map(({ closingVersion }) => closingVersion),
      from,
      to,
      limit,
      limit,
    ],
  )
}

/** Some entries of one account in a period after a version, oldest first. */
export async function findNextEntries(
  db: Database,
  { accountId, account, currency, closingVersion }: AccountPeriod,
  { from, to }: Period,
  after: bigint,
  limit: number,
): Promise<StatementLine[]> {
  return query<StatementLine>(
    db,
    `select ?::text as account, ?::text as currency, ${entryFields}
     from ledger_entries e
     join transfers t on t.id = e.transfer_id and t.posted_at = e.posted_at
     where e.account_id = ?::bigint and e.version > ?::bigint and e.version <= least(?::bigint, ?::bigint)
       and e.posted_at >= coalesce(?::timestamptz, '-infinity') and e.posted_at < ?::timestamptz
     order by e.version`,
    [account, currency, accountId, after, closingVersion, after + BigInt(limit), from, to],
  )
}

const entryFields = `e.account_id as "accountId", e.version,
  case e.side when 'D' then 'debit' else 'credit' end as side, e.amount, e.balance_after as "balanceAfter",
  e.transfer_id as "transferId", t.kind, t.cause_id as "causeId", t.reward_id as "rewardId", t.cashout_id as "cashoutId",
  to_char(e.posted_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "postedAt",
  to_char(e.effective_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "effectiveAt"`
