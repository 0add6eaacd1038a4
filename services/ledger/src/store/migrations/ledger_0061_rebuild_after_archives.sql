-- As ledger_0032_rebuild has them, from the newest openings on.
create or replace function computed_balances() returns table (account_id bigint, sign smallint, guarded boolean, debits bigint,
  credits bigint, version bigint, max_lateness interval, max_earliness interval)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select a.id, k.sign, k.guarded, coalesce(o.debits, 0) + coalesce(s.debits, 0), coalesce(o.credits, 0) + coalesce(s.credits, 0),
    coalesce(o.version, 0) + coalesce(s.entries, 0),
    -- How late and early archived entries were is not written down: it only says how far a reader has to look.
    greatest(s.lateness, interval '0', case when o.version is not null then b.max_lateness end),
    greatest(s.earliness, interval '0', case when o.version is not null then b.max_earliness end)
  from accounts a
  join account_kinds k on k.kind = a.kind
  left join balances b on b.account_id = a.id
  left join lateral (
    select version, debits, credits from opening_balances where account_id = a.id order by archive desc limit 1
  ) o on true
  left join (
    select side.account_id, sum(side.debit)::bigint as debits, sum(side.credit)::bigint as credits, count(*) as entries,
      max(t.posted_at - t.effective_at) as lateness, max(t.effective_at - t.posted_at) as earliness
    from transfers t
    cross join lateral (values (t.debit_account, t.amount, 0::bigint), (t.credit_account, 0::bigint, t.amount))
      as side (account_id, debit, credit)
    where t.posted_at >= retained_from()
    group by side.account_id
  ) s on s.account_id = a.id
$$;

create or replace function computed_reward_positions() returns table (reward_id uuid, user_id uuid, currency text, granted bigint,
  pending bigint, released bigint, reversed bigint, held_pending bigint, held_released bigint, hold_sequence int, is_held boolean)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  with steps as (
    select t.reward_id, t.amount, t.currency, c.user_id, m.position_from as source, m.position_to as target
    from transfers t
    join accounts d on d.id = t.debit_account
    join accounts c on c.id = t.credit_account
    join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    where m.position_of = 'reward' and t.posted_at >= retained_from()
  ), opening as (
    select distinct on (reward_id) * from opening_reward_positions order by reward_id, archive desc
  ), places as (
    select reward_id, target as place, amount from steps
    union all
    select reward_id, source, -amount from steps where source is not null
    union all
    select reward_id, place, amount from opening
    cross join lateral (values ('pending', pending), ('released', released), ('reversed', reversed),
      ('held_pending', held_pending), ('held_released', held_released)) as v (place, amount)
  ), sums as (
    select reward_id, coalesce(sum(amount) filter (where place = 'pending'), 0)::bigint as pending,
      coalesce(sum(amount) filter (where place = 'released'), 0)::bigint as released,
      coalesce(sum(amount) filter (where place = 'reversed'), 0)::bigint as reversed,
      coalesce(sum(amount) filter (where place = 'held_pending'), 0)::bigint as held_pending,
      coalesce(sum(amount) filter (where place = 'held_released'), 0)::bigint as held_released
    from places group by reward_id
  ), holds as (
    -- The highest sequence says how a reward stands; what was refused or came too late never counted.
    select subject_id as reward_id, max(detail::int) as sequence
    from causes
    where kind in ('hold', 'resume') and outcome <> 'refused' and reason is distinct from 'hold_superseded'
    group by subject_id
  )
  select granting.reward_id, granting.user_id, granting.currency, granting.amount, s.pending, s.released, s.reversed,
    s.held_pending, s.held_released, coalesce(h.sequence, 0),
    h.sequence is not null and exists (select from causes c where c.kind = 'hold' and c.subject_id = h.reward_id
      and c.detail::int = h.sequence and c.outcome <> 'refused' and c.reason is distinct from 'hold_superseded')
  from (
    select reward_id, user_id, currency, amount from steps where source is null
    union all
    -- Who it was granted to is not computed anew: its transfer is in the archive.
    select o.reward_id, p.user_id, p.currency, o.granted from opening o join reward_positions p on p.reward_id = o.reward_id
  ) granting
  join sums s on s.reward_id = granting.reward_id
  left join holds h on h.reward_id = granting.reward_id
$$;

create or replace function computed_cashout_positions() returns table (cashout_id uuid, user_id uuid, provider text, currency text,
  reserved bigint, in_payout bigint, paid bigint, returned bigint, bounced bigint, reserved_at timestamptz)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  with steps as (
    select t.cashout_id, t.number, t.posted_at, t.amount, t.currency, d.user_id, c.provider, m.position_from as source,
      m.position_to as target
    from transfers t
    join accounts d on d.id = t.debit_account
    join accounts c on c.id = t.credit_account
    join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    where m.position_of = 'cashout' and t.posted_at >= retained_from()
  ), opening as (
    select distinct on (cashout_id) * from opening_cashout_positions order by cashout_id, archive desc
  ), latest as (
    -- A cashout moves whole, so it is all where its last transfer put it.
    select distinct on (cashout_id) cashout_id, target from (
      select cashout_id, number, target from steps
      union all
      select cashout_id, 0, case when in_payout > 0 then 'in_payout' when paid > 0 then 'paid' when returned > 0 then 'returned'
        else 'bounced' end from opening
    ) placed order by cashout_id, number desc
  )
  select r.cashout_id, r.user_id, coalesce((select max(p.provider) from steps p where p.cashout_id = r.cashout_id), r.provider), r.currency, r.amount,
    case when l.target = 'in_payout' then r.amount else 0 end, case when l.target = 'paid' then r.amount else 0 end,
    case when l.target = 'returned' then r.amount else 0 end, case when l.target = 'bounced' then r.amount else 0 end,
    r.posted_at
  from (
    select cashout_id, user_id, null as provider, currency, amount, posted_at from steps where source is null
    union all
    select o.cashout_id, p.user_id, p.provider, p.currency, o.reserved, p.reserved_at
    from opening o join cashout_positions p on p.cashout_id = o.cashout_id
  ) r
  join latest l on l.cashout_id = r.cashout_id
$$;
