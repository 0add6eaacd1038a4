import { answer, type Check, lookedUp, within } from './check.ts'

/** What was posted, looked at by itself: the same for the whole history and for what is new. */
export const historyChecks: readonly Check[] = [
  {
    name: 'transfers_have_their_two_entries',
    sql: ({ range }) => `${answer} from (
      select coalesce(t.id, e.transfer_id) as id, (
        t.id is null or e.transfer_id is null or e.debits <> 1 or e.credits <> 1
        or e.debited <> t.debit_account or e.credited <> t.credit_account
        or e.least <> t.amount or e.most <> t.amount or e.first <> t.effective_at or e.last <> t.effective_at
      ) as wrong
      from (select * from transfers where ${within('posted_at', range)}) t
      full join (
        select transfer_id, posted_at, count(*) filter (where side = 'D') as debits, count(*) filter (where side = 'C') as credits,
          min(account_id) filter (where side = 'D') as debited, min(account_id) filter (where side = 'C') as credited,
          min(amount) as least, max(amount) as most, min(effective_at) as first, max(effective_at) as last
        from ledger_entries where ${within('posted_at', range)} group by transfer_id, posted_at
      ) e on e.transfer_id = t.id and e.posted_at = t.posted_at
    ) looked`,
  },
  {
    name: 'transfers_are_permitted_movements',
    sql: ({ range }) => `${answer} from (
      select t.id, (
        m.kind is null or d.currency <> t.currency or c.currency <> t.currency
        or (m.same_owner and d.user_id is distinct from c.user_id)
        or (m.position_of = 'reward' and t.reward_id is null) or (m.position_of = 'cashout' and t.cashout_id is null)
      ) as wrong
      from (select * from transfers where ${within('posted_at', range)}) t
      ${lookedUp}
    ) looked`,
  },
  {
    name: 'transfers_are_numbered_without_gaps',
    sql: ({ range }) => `${answer} from (
      select id, (
        number <> ${range.after.lastTransfer} + row_number() over (order by number)
        or posted_at < lag(posted_at, 1, posted_at) over (order by number)
      ) as wrong
      from transfers where ${within('posted_at', range)}
    ) looked`,
  },
  {
    name: 'debits_equal_credits_in_each_currency',
    sql: ({ range }) => `${answer} from (
      select a.currency as id, sum(case e.side when 'D' then e.amount else -e.amount end) <> 0 as wrong
      from ledger_entries e left join accounts a on a.id = e.account_id
      where ${within('e.posted_at', range)}
      group by a.currency
    ) looked`,
  },
  {
    name: 'entries_follow_one_another',
    sql: ({ range }) => `${answer} from (
      select e.account_id || '/' || e.version as id, (
        a.id is null
        or e.version <> coalesce(e.version_before, b.version, 0) + 1
        or e.posted_at < e.posted_before
        or e.balance_after <> coalesce(e.balance_before, b.balance_after, 0)
          + k.sign * case e.side when 'C' then e.amount else -e.amount end
        or (k.guarded and e.balance_after < 0)
      ) as wrong
      from (
        select account_id, version, posted_at, amount, balance_after, side, lag(version) over account_entries as version_before,
          lag(posted_at) over account_entries as posted_before, lag(balance_after) over account_entries as balance_before
        from ledger_entries where ${within('posted_at', range)}
        window account_entries as (partition by account_id order by version)
      ) e
      left join accounts a on a.id = e.account_id
      left join account_kinds k on k.kind = a.kind
      left join lateral (${entryBefore(range.after)}) b on true
    ) looked`,
  },
  {
    name: 'causes_match_their_transfers',
    sql: ({ range }) => `${answer} from (
      select coalesce(t.id, named.transfer_id) as id, (
        t.id is null or named.transfer_id is null or t.cause_id <> named.cause_id or t.posted_at <> named.posted_at
        or count(*) over (partition by coalesce(t.id, named.transfer_id)) <> 1
      ) as wrong
      from (select * from transfers where ${within('posted_at', range)}) t
      full join (
        select cause_id, posted_at, unnest(transfer_ids) as transfer_id from causes where ${within('posted_at', range)}
      ) named on named.transfer_id = t.id
    ) looked`,
  },
  {
    // The fingerprint is in the chain, so what it is the hash of is, too. It was not kept at first: rows without it may
    // only stand before all others.
    name: 'causes_say_what_was_asked',
    sql: ({ range }) => `${answer} from (
      select cause_id as id, case
        when kind is null then subject_id is not null or user_id is not null or amount is not null or currency is not null
          or detail is not null or count(kind) over (order by posted_at) > 0
          or exists (select from causes where kind is not null and posted_at <= '${range.after.postedAt}'::timestamptz)
        else fingerprint is distinct from sha256(convert_to(kind || '/' || subject_id || '/' || coalesce(user_id::text, '')
          || '/' || amount || '/' || currency || coalesce('/' || detail, ''), 'UTF8'))
      end as wrong
      from causes where ${within('posted_at', range)}
    ) looked`,
  },
]

/**
 * The last entry of the account before the range, for the first one in it. One with this entry's version or a higher one has no
 * business there. The condition stands inside, where it keeps the other entries from being looked up at all.
 */
function entryBefore({ batch, postedAt }: { batch: bigint; postedAt: string }): string {
  if (batch === 0n) return 'select null::bigint as version, null::bigint as balance_after'
  return `select * from (
      (select version, balance_after from ledger_entries before
       where before.account_id = e.account_id and before.version >= e.version - 1 and before.posted_at <= '${postedAt}'::timestamptz
         and before.posted_at >= retained_from()
       order by version desc limit 1)
      union all
      (select version, balance from opening_balances where account_id = e.account_id and version >= e.version - 1
       order by archive desc limit 1)
    ) known where e.version_before is null order by version desc limit 1`
}
