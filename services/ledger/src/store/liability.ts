import { type Database, query } from '@tributary/database'

/**
 * What all accounts of one kind in one currency hold, on the kind's normal side, and how long it has lain there. The ages sum
 * to the balance.
 */
export type LiabilityLine = Readonly<{
  account: string
  currency: string
  balance: bigint
  days0To30: bigint
  days31To60: bigint
  days61To90: bigint
  days91To365: bigint
  over365: bigint
}>

/** What is or may become somebody else's money, less what users owe. */
const kinds = ['user:pending', 'user:available', 'user:held', 'user:in_payout', 'user:owed', 'provider:clearing']

/** How far back a liability looks. */
export const LIABILITY_DAYS = 366

/**
 * As recorded at an instant. Money leaves an account first in, first out, so a balance is made of the newest amounts that came
 * in; their ages are whole days of 24 hours since they were recorded. Where a balance is below its normal side, it is made of the
 * newest that went out. Reads the entries since a year before the instant: what those do not cover is older.
 */
export function findLiability(db: Database, asOf: string, currency: string | undefined): Promise<LiabilityLine[]> {
  return query<LiabilityLine>(
    db,
    `with asked as (select ?::timestamptz as instant),
     moved as materialized (
       select account_id, side, case
           when posted_at > instant then null
           when posted_at > instant - ${days(31)} then 1
           when posted_at > instant - ${days(61)} then 2
           when posted_at > instant - ${days(91)} then 3
           else 4
         end as age, sum(amount) as amount
       from ledger_entries, asked where posted_at > ?::timestamptz - ${days(LIABILITY_DAYS)} group by account_id, side, age
     ), since as (
       select account_id, sum(case side when 'C' then amount else -amount end) as change
       from moved where age is null group by account_id
     ), stood as (
       select a.id, a.kind, a.currency, b.sign, b.balance - b.sign * coalesce(since.change, 0) as balance
       from accounts a join balances b on b.account_id = a.id left join since on since.account_id = a.id cross join asked
       where a.kind = any (?::text[]) and (?::text is null or a.currency = ?) and a.opened_at <= instant
     ), came as (
       select s.id, coalesce(sum(m.amount) filter (where m.age <= 1), 0) as to30,
         coalesce(sum(m.amount) filter (where m.age <= 2), 0) as to60,
         coalesce(sum(m.amount) filter (where m.age <= 3), 0) as to90, coalesce(sum(m.amount), 0) as to365
       from stood s join moved m on m.account_id = s.id and (m.side = 'C') = (s.sign * s.balance > 0) and m.age is not null
       where s.balance <> 0 group by s.id
     ), covered as (
       select s.kind, s.currency, s.balance, sign(s.balance)::int as direction, least(abs(s.balance), coalesce(to30, 0)) as to30,
         least(abs(s.balance), coalesce(to60, 0)) as to60, least(abs(s.balance), coalesce(to90, 0)) as to90,
         least(abs(s.balance), coalesce(to365, 0)) as to365
       from stood s left join came on came.id = s.id
     )
     select kind as account, currency, sum(balance) as balance, sum(direction * to30) as "days0To30",
       sum(direction * (to60 - to30)) as "days31To60", sum(direction * (to90 - to60)) as "days61To90",
       sum(direction * (to365 - to90)) as "days91To365", sum(balance - direction * to365) as "over365"
     from covered group by kind, currency order by currency, array_position(?::text[], kind)`,
    [asOf, asOf, kinds, currency ?? null, currency ?? null, kinds],
  )
}

/** In hours: where the session's time zone has a summer time, a day would be 23 or 25 of them now and then. */
const days = (count: number) => `interval '${count * 24} hours'`
