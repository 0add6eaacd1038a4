import { type Database, query } from '@tributary/database'

/** All accounts of one kind in one currency. `balance` is on the kind's normal side. */
export type TrialBalanceLine = Readonly<{
  account: string
  currency: string
  debits: bigint
  credits: bigint
  balance: bigint
}>

/** Now, from the balances. */
export function findTrialBalance(db: Database): Promise<TrialBalanceLine[]> {
  return query<TrialBalanceLine>(
    db,
    `select a.kind as account, a.currency, sum(b.debits) as debits, sum(b.credits) as credits,
       sum(b.balance) as balance
     from accounts a join balances b on b.account_id = a.id
     group by a.kind, a.currency having sum(b.version) > 0 order by a.currency, a.kind`,
  )
}

/**
 * As recorded at an instant: from the entries up to it, or from the balances of now less the entries after it, whichever are
 * fewer. So the last month's is not slower the older the ledger gets, and none reads more than half of it. Once something was
 * archived, only the balances of now know all of it.
 */
export async function findTrialBalanceAsRecorded(db: Database, asOf: string): Promise<TrialBalanceLine[]> {
  return (await isInFirstHalf(db, asOf)) ? sumUpTo(db, asOf) : sumBackTo(db, asOf)
}

/** Transfers are numbered in the order of posting, so their numbers say how many lie on either side. */
async function isInFirstHalf(db: Database, asOf: string): Promise<boolean> {
  const [row] = await query<{ first: boolean }>(
    db,
    `select not exists (select from archives) and coalesce((select 2 * last_transfer from batches where posted_at <= ?::timestamptz order by posted_at desc limit 1), 0)
       <= last_transfer as first from ledger_head`,
    [asOf],
  )
  return row!.first
}

/** Exported for the test that both ways end the same. */
export function sumUpTo(db: Database, asOf: string): Promise<TrialBalanceLine[]> {
  return query<TrialBalanceLine>(
    db,
    `with moved as (
       select account_id, coalesce(sum(amount) filter (where side = 'D'), 0) as debits,
         coalesce(sum(amount) filter (where side = 'C'), 0) as credits
       from ledger_entries where posted_at <= ?::timestamptz group by account_id
     )
     select a.kind as account, a.currency, sum(m.debits) as debits, sum(m.credits) as credits,
       sum(k.sign * (m.credits - m.debits)) as balance
     from moved m join accounts a on a.id = m.account_id join account_kinds k on k.kind = a.kind
     group by a.kind, a.currency order by a.currency, a.kind`,
    [asOf],
  )
}

/** One statement, so that balances and entries are of one moment. */
export function sumBackTo(db: Database, asOf: string): Promise<TrialBalanceLine[]> {
  return query<TrialBalanceLine>(
    db,
    `with moved as (
       select account_id, coalesce(sum(amount) filter (where side = 'D'), 0) as debits,
         coalesce(sum(amount) filter (where side = 'C'), 0) as credits
       from ledger_entries where posted_at > ?::timestamptz group by account_id
     ), stood as (
       select a.kind, a.currency, b.sign, b.debits - coalesce(m.debits, 0) as debits, b.credits - coalesce(m.credits, 0) as credits
       from accounts a join balances b on b.account_id = a.id left join moved m on m.account_id = a.id
     )
     select kind as account, currency, sum(debits) as debits, sum(credits) as credits,
       sum(sign * (credits - debits)) as balance
     from stood group by kind, currency having sum(debits + credits) > 0 order by currency, kind`,
    [asOf],
  )
}
