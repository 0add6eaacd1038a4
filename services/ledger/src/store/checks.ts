/**
 * What makes the books right, each as one statement that answers `checked` (how many things were looked at), `broken`, and
 * `examples` (up to five that are broken). Every table that money is read from appears: what no check looks at could be
 * altered unseen.
 */
export type Check = Readonly<{ name: string; sql: string }>

const answer = `select count(*) as checked, count(*) filter (where wrong) as broken,
  coalesce((array_agg(id::text) filter (where wrong))[1:5], '{}') as examples`

export const checks: readonly Check[] = [
  {
    name: 'transfers_have_their_two_entries',
    sql: `${answer} from (
      select coalesce(t.id, e.transfer_id) as id, (
        t.id is null or e.transfer_id is null or e.debits <> 1 or e.credits <> 1
        or e.debited <> t.debit_account or e.credited <> t.credit_account
        or e.least <> t.amount or e.most <> t.amount or e.first <> t.effective_at or e.last <> t.effective_at
      ) as wrong
      from transfers t
      full join (
        select transfer_id, posted_at, count(*) filter (where side = 'D') as debits, count(*) filter (where side = 'C') as credits,
          min(account_id) filter (where side = 'D') as debited, min(account_id) filter (where side = 'C') as credited,
          min(amount) as least, max(amount) as most, min(effective_at) as first, max(effective_at) as last
        from ledger_entries group by transfer_id, posted_at
      ) e on e.transfer_id = t.id and e.posted_at = t.posted_at
    ) looked`,
  },
  {
    name: 'transfers_are_permitted_movements',
    sql: `${answer} from (
      select t.id, (
        m.kind is null or d.currency <> t.currency or c.currency <> t.currency
        or (m.same_owner and d.user_id is distinct from c.user_id)
      ) as wrong
      from transfers t
      left join accounts d on d.id = t.debit_account
      left join accounts c on c.id = t.credit_account
      left join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    ) looked`,
  },
  {
    name: 'transfers_are_numbered_without_gaps',
    sql: `${answer} from (
      select id, (
        number <> row_number() over (order by number)
        or posted_at < lag(posted_at, 1, posted_at) over (order by number)
      ) as wrong
      from transfers
    ) looked`,
  },
  {
    name: 'debits_equal_credits_in_each_currency',
    sql: `${answer} from (
      select a.currency as id, sum(case e.side when 'D' then e.amount else -e.amount end) <> 0 as wrong
      from ledger_entries e left join accounts a on a.id = e.account_id
      group by a.currency
    ) looked`,
  },
  {
    name: 'entries_follow_one_another',
    sql: `${answer} from (
      select e.account_id || '/' || e.version as id, (
        a.id is null
        or e.version <> row_number() over account_entries
        or e.posted_at < lag(e.posted_at, 1, e.posted_at) over account_entries
        or e.balance_after <> lag(e.balance_after, 1, 0::bigint) over account_entries
          + k.sign * case e.side when 'C' then e.amount else -e.amount end
        or (k.guarded and e.balance_after < 0)
      ) as wrong
      from ledger_entries e
      left join accounts a on a.id = e.account_id
      left join account_kinds k on k.kind = a.kind
      window account_entries as (partition by e.account_id order by e.version)
    ) looked`,
  },
  {
    name: 'balances_equal_their_entries',
    sql: `${answer} from (
      select coalesce(a.id, b.account_id) as id, (
        a.id is null or b.account_id is null or b.sign <> k.sign or b.guarded <> k.guarded
        or b.debits <> coalesce(e.debits, 0) or b.credits <> coalesce(e.credits, 0) or b.version <> coalesce(e.entries, 0)
        or b.balance <> b.sign * (b.credits - b.debits)
      ) as wrong
      from accounts a
      full join balances b on b.account_id = a.id
      left join account_kinds k on k.kind = a.kind
      left join (
        select account_id, coalesce(sum(amount) filter (where side = 'D'), 0) as debits,
          coalesce(sum(amount) filter (where side = 'C'), 0) as credits, count(*) as entries
        from ledger_entries group by account_id
      ) e on e.account_id = coalesce(a.id, b.account_id)
    ) looked`,
  },
  {
    name: 'positions_equal_their_transfers',
    sql: `${answer} from (
      select coalesce(p.reward_id, f.reward_id) as id, (
        p.reward_id is null or f.reward_id is null or p.granted <> f.granted or p.pending <> f.pending
        or p.held_pending <> f.held_pending or p.released <> f.released or p.held_released <> f.held_released
        or p.reversed <> f.reversed
        or p.user_id <> f.user_id or p.currency <> f.currency or f.users <> 1 or f.currencies <> 1
      ) as wrong
      from reward_positions p
      full join (
        select t.reward_id,
          coalesce(sum(t.amount) filter (where m.position_of = 'reward' and m.position_from is null), 0) as granted,
          coalesce(sum(case 'pending' when m.position_to then t.amount when m.position_from then -t.amount end), 0) as pending,
          coalesce(sum(case 'held_pending' when m.position_to then t.amount when m.position_from then -t.amount end), 0) as held_pending,
          coalesce(sum(case 'released' when m.position_to then t.amount when m.position_from then -t.amount end), 0) as released,
          coalesce(sum(case 'held_released' when m.position_to then t.amount when m.position_from then -t.amount end), 0) as held_released,
          coalesce(sum(case 'reversed' when m.position_to then t.amount end), 0) as reversed,
          min(c.user_id::text)::uuid as user_id, count(distinct c.user_id) as users,
          min(t.currency) as currency, count(distinct t.currency) as currencies
        from transfers t
        join accounts d on d.id = t.debit_account
        join accounts c on c.id = t.credit_account
        join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
        where t.reward_id is not null
        group by t.reward_id
      ) f on f.reward_id = p.reward_id
    ) looked`,
  },
  {
    name: 'causes_match_their_transfers',
    sql: `${answer} from (
      select coalesce(t.id, named.transfer_id) as id, (
        t.id is null or named.transfer_id is null or t.cause_id <> named.cause_id or t.posted_at <> named.posted_at
        or count(*) over (partition by coalesce(t.id, named.transfer_id)) <> 1
      ) as wrong
      from transfers t
      full join (select cause_id, posted_at, unnest(transfer_ids) as transfer_id from causes) named on named.transfer_id = t.id
    ) looked`,
  },
  {
    name: 'batches_form_an_unbroken_chain',
    sql: `${answer} from (
      select coalesce(b.number::text, 'outside of any batch: ' || found.posted_at) as id, (
        b.number is null
        or b.number <> row_number() over chain
        or b.posted_at <= lag(b.posted_at, 1, '-infinity'::timestamptz) over chain
        or b.transfers <> coalesce(found.transfers, 0)
        or b.last_transfer <> lag(b.last_transfer, 1, 0::bigint) over chain + b.transfers
        or b.last_transfer < coalesce(found.last_transfer, 0)
        or b.last_account <> lag(b.last_account, 1, 0::bigint) over chain + coalesce(found.accounts, 0)
        or b.body <> body_hash(coalesce(found.account_bytes, ''), coalesce(found.cause_bytes, ''), coalesce(found.transfer_bytes, ''))
        or b.hash <> chain_hash(lag(b.hash, 1, decode(repeat('00', 32), 'hex')) over chain, b.number, b.posted_at, b.body)
      ) as wrong
      from batches b
      full join (
        select posted_at, t.transfers, t.last_transfer, t.transfer_bytes, a.accounts, a.account_bytes, c.cause_bytes
        from (
          select posted_at, count(*) as transfers, max(number) as last_transfer, string_agg(transfer_bytes(number, id, cause_id,
            kind, debit_account, credit_account, amount, currency, reward_id, effective_at, cashout_id), '' order by number) as transfer_bytes
          from transfers group by posted_at
        ) t
        full join (
          select opened_at as posted_at, count(*) as accounts,
            string_agg(account_bytes(id, kind, user_id, provider, currency), '' order by id) as account_bytes
          from accounts group by opened_at
        ) a using (posted_at)
        full join (
          select posted_at,
            string_agg(cause_bytes(cause_id, fingerprint, outcome, reason), '' order by cause_id, fingerprint) as cause_bytes
          from (
            select cause_id, fingerprint, outcome, reason, posted_at from causes
            union all
            select cause_id, fingerprint, 'conflict', 'conflict', posted_at from cause_conflicts
          ) answered group by posted_at
        ) c using (posted_at)
      ) found on found.posted_at = b.posted_at
      window chain as (order by b.number)
    ) looked`,
  },
  {
    name: 'the_head_is_the_end_of_the_chain',
    sql: `${answer} from (
      select 'head' as id, (
        h.batch is null or h.batch <> coalesce(b.number, 0) or h.last_transfer <> coalesce(b.last_transfer, 0)
        or h.last_account <> coalesce(b.last_account, 0)
        or h.posted_at <> coalesce(b.posted_at, 'epoch') or h.hash <> coalesce(b.hash, decode(repeat('00', 32), 'hex'))
      ) as wrong
      from (select 1) one
      left join ledger_head h on true
      left join lateral (select * from batches order by number desc limit 1) b on true
    ) looked`,
  },
]
