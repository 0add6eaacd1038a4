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
  postedAt: string
  effectiveAt: string
}>

export type StatementFilter = Readonly<{ userId: string; currency: string | undefined; account: string | undefined }>
/** Where the page before ended. */
export type StatementPlace = Readonly<{ postedAt: string; accountId: string; version: string }>

/** The user's entries before a place, newest first. Each account is entered at its place, so a late page costs no more than the first. */
export function findStatement(
  db: Database,
  { userId, currency, account }: StatementFilter,
  before: StatementPlace | null,
  limit: number,
): Promise<StatementLine[]> {
  return query<StatementLine>(
    db,
    `with place as (select ?::timestamptz as posted_at, ?::bigint as account_id, ?::bigint as version),
     mine as (
       select a.id, a.kind, a.currency,
         case
           when place.posted_at is null then b.version
           when a.id < place.account_id then version_as_of(a.id, place.posted_at)
           when a.id = place.account_id then place.version - 1
           else version_as_of(a.id, place.posted_at - interval '1 microsecond')
         end as last_version
       from accounts a join balances b on b.account_id = a.id cross join place
       where a.user_id = ?::uuid and a.kind like 'user:%'
         and (?::text is null or a.currency = ?) and (?::text is null or a.kind = 'user:' || ?)
     )
     select e.account_id as "accountId", substr(mine.kind, 6) as account, mine.currency, e.version,
       case e.side when 'D' then 'debit' else 'credit' end as side, e.amount, e.balance_after as "balanceAfter",
       e.transfer_id as "transferId", t.kind, t.cause_id as "causeId", t.reward_id as "rewardId",
       to_char(e.posted_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "postedAt",
       to_char(e.effective_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "effectiveAt"
     from mine
     cross join lateral (
       select * from ledger_entries where account_id = mine.id and version <= mine.last_version order by version desc limit ?
     ) e
     join transfers t on t.id = e.transfer_id and t.posted_at = e.posted_at
     order by e.posted_at desc, e.account_id desc, e.version desc limit ?`,
    [
      before?.postedAt ?? null,
      before?.accountId ?? null,
      before?.version ?? null,
      userId,
      currency ?? null,
      currency ?? null,
      account ?? null,
      account ?? null,
      limit,
      limit,
    ],
  )
}
