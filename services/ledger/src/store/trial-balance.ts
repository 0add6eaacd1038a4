import { type Database, query, type Transaction } from '@tributary/database'

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
    `select a.kind as account, a.currency, sum(b.debits)::bigint as debits, sum(b.credits)::bigint as credits,
       sum(b.balance)::bigint as balance
     from accounts a join balances b on b.account_id = a.id group by a.kind, a.currency order by a.currency, a.kind`,
  )
}

/** As recorded at an instant, from the entries up to it. */
export function findTrialBalanceAsRecorded(tx: Transaction, asOf: string): Promise<TrialBalanceLine[]> {
  return query<TrialBalanceLine>(
    tx,
    `select a.kind as account, a.currency, coalesce(sum(e.amount) filter (where e.side = 'D'), 0)::bigint as debits,
       coalesce(sum(e.amount) filter (where e.side = 'C'), 0)::bigint as credits,
       sum(k.sign * case e.side when 'C' then e.amount else -e.amount end)::bigint as balance
     from ledger_entries e
     join accounts a on a.id = e.account_id
     join account_kinds k on k.kind = a.kind
     where e.posted_at <= ?::timestamptz
     group by a.kind, a.currency order by a.currency, a.kind`,
    [asOf],
  )
}
