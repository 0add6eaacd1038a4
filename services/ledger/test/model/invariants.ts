import { type Database, query, type Transaction } from '@tributary/database'

/**
 * What holds after every step, each as SQL that answers the rows where it does not. Written from the tables alone: no
 * function of the ledger's is asked whether the ledger is right.
 */
const violations: Readonly<Record<string, string>> = {
  'debits equal credits in each currency': `
    select a.currency from ledger_entries e join accounts a on a.id = e.account_id
    group by a.currency having sum(case e.side when 'D' then e.amount else -e.amount end) <> 0`,
  'each balance equals its entries, to the last version': `
    select b.account_id from balances b left join (
      select account_id, sum(amount) filter (where side = 'D') as debits, sum(amount) filter (where side = 'C') as credits,
        count(*) as entries, max(version) as version, (array_agg(balance_after order by version desc))[1] as balance
      from ledger_entries group by account_id) e using (account_id)
    where (b.debits, b.credits, b.version, b.version, b.balance) is distinct from
      (coalesce(e.debits, 0), coalesce(e.credits, 0), coalesce(e.entries, 0), coalesce(e.version, 0), coalesce(e.balance, 0))`,
  'nobody has less than nothing, in any place, at any entry': `
    select a.id from accounts a join ledger_entries e on e.account_id = a.id
    where a.kind like 'user:%' and e.balance_after < 0`,
  'nobody owes while something is available': `
    select a.user_id from accounts a join balances b on b.account_id = a.id
    where a.kind in ('user:available', 'user:owed') and b.balance > 0
    group by a.user_id, a.currency having count(*) = 2`,
  'positions account for all that was granted and reserved': `
    select reward_id from reward_positions
    where granted <> pending + held_pending + released + held_released + reversed
      or least(pending, held_pending, released, held_released, reversed) < 0 or (is_held and pending > 0)
    union all
    select cashout_id from cashout_positions where reserved <> in_payout + paid + returned + bounced
      or reserved <> greatest(in_payout, paid, returned, bounced)`,
  'what positions say is what users have': `
    select user_id from (
      select user_id, currency, sum(pending) as pending, sum(held_pending + held_released) as held, sum(granted - reversed) as earned
      from reward_positions group by user_id, currency) p
    full join (${perUser()}) u using (user_id, currency)
    left join (select user_id, currency, sum(in_payout) as in_payout from cashout_positions group by user_id, currency) c
      using (user_id, currency)
    where (u.pending, u.held, u.earned, u.in_payout) is distinct from
      (coalesce(p.pending, 0), coalesce(p.held, 0), coalesce(p.earned, 0), coalesce(c.in_payout, 0))`,
  'nobody is paid more than was granted, not taken back, not held, lent or given by hand': `
    select user_id from (${perUser()}) u
    left join (select user_id, currency, sum(paid) as paid from cashout_positions group by user_id, currency) c
      using (user_id, currency)
    where coalesce(c.paid, 0) + u.in_payout > u.earned - u.held + u.owed + u.adjusted`,
  'no money of a user is lost': `
    select user_id from (${perUser()}) u
    left join (select user_id, currency, sum(paid) as paid from cashout_positions group by user_id, currency) c
      using (user_id, currency)
    where u.pending + u.available + u.held + u.in_payout + coalesce(c.paid, 0) - u.owed <> u.earned + u.adjusted`,
  'what providers owe is what they paid, less what was settled and given back': `
    select provider from (
      select a.provider, a.currency, b.balance from accounts a join balances b on b.account_id = a.id
      where a.kind = 'provider:clearing') k
    left join (select provider, currency, sum(paid) as paid from cashout_positions group by provider, currency) c
      using (provider, currency)
    left join (
      select coalesce(d.provider, k.provider) as provider, t.currency,
        sum(case when d.kind = 'provider:clearing' then -t.amount else t.amount end) as moved
      from transfers t join accounts d on d.id = t.debit_account join accounts k on k.id = t.credit_account
      where t.kind in ('clear', 'fee') group by 1, 2) s using (provider, currency)
    where k.balance <> coalesce(c.paid, 0) + coalesce(s.moved, 0)`,
  'posting times rise from batch to batch': `
    select number from (select number, posted_at <= lag(posted_at) over (order by number) as falls from batches) b where falls`,
  'every transfer belongs to one cause, and the other way round': `
    select t.id from transfers t full join (select cause_id, unnest(transfer_ids) as id from causes) c using (id)
    where t.cause_id is distinct from c.cause_id`,
}

/** A user's balances in one currency, in a row. */
function perUser(): string {
  const balance = (kind: string) => `coalesce(sum(b.balance) filter (where a.kind = '${kind}'), 0)`
  return `select a.user_id, a.currency, ${balance('user:pending')} as pending, ${balance('user:available')} as available,
      ${balance('user:held')} as held, ${balance('user:in_payout')} as in_payout, ${balance('user:owed')} as owed,
      ${balance('program:expense')} as earned, ${balance('program:adjustments')} as adjusted
    from accounts a join balances b on b.account_id = a.id where a.user_id is not null group by a.user_id, a.currency`
}

const sql = Object.entries(violations)
  .map(([name, rows]) => `select '${name}' as name from (${rows}) broken(thing)`)
  .join(' union all ')

/** The invariants that do not hold, by name; empty where all is well. */
export async function brokenInvariants(db: Database | Transaction): Promise<string[]> {
  const rows = await query<{ name: string }>(db, `select distinct name from (${sql}) found order by name`)
  return rows.map(({ name }) => name)
}
