import { query, type Transaction } from '@tributary/database'
import { type ChainPlace, everything, type Range } from './checks/check.ts'
import type { TrialBalanceLine } from './trial-balance.ts'

/** The part of the history that is kept: all of it, or what follows on the last archive. */
export async function findKept(tx: Transaction): Promise<Range> {
  const [after] = await query<ChainPlace>(
    tx,
    `select last_batch as batch, to_char(last_instant at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "postedAt",
       encode(last_hash, 'hex') as hash, last_transfer as "lastTransfer", last_account as "lastAccount"
     from archives order by number desc limit 1`,
  )
  return after === undefined ? everything : { ...everything, after }
}

/** What all accounts of a kind came to where that begins. */
export function findOpeningKinds(tx: Transaction): Promise<TrialBalanceLine[]> {
  return query<TrialBalanceLine>(
    tx,
    `select a.kind as account, a.currency, sum(o.debits) as debits, sum(o.credits) as credits,
       sum(o.balance) as balance
     from (select distinct on (account_id) * from opening_balances order by account_id, archive desc) o
     join accounts a on a.id = o.account_id
     group by a.kind, a.currency`,
  )
}
