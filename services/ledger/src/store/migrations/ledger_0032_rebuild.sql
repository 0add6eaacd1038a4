-- Balances and positions, computed anew from the transfers alone, whatever is kept of them. On purpose by other statements than
-- those that keep them and those that verify them: three ways that have to agree.
create function computed_balances() returns table (account_id bigint, sign smallint, guarded boolean, debits bigint,
  credits bigint, version bigint, max_lateness interval, max_earliness interval)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select a.id, k.sign, k.guarded, coalesce(s.debits, 0), coalesce(s.credits, 0), coalesce(s.entries, 0),
    greatest(s.lateness, interval '0'), greatest(s.earliness, interval '0')
  from accounts a
  join account_kinds k on k.kind = a.kind
  left join (
    select side.account_id, sum(side.debit)::bigint as debits, sum(side.credit)::bigint as credits, count(*) as entries,
      max(t.posted_at - t.effective_at) as lateness, max(t.effective_at - t.posted_at) as earliness
    from transfers t
    cross join lateral (values (t.debit_account, t.amount, 0::bigint), (t.credit_account, 0::bigint, t.amount))
      as side (account_id, debit, credit)
    group by side.account_id
  ) s on s.account_id = a.id
$$;

create function computed_reward_positions() returns table (reward_id uuid, user_id uuid, currency text, granted bigint,
  pending bigint, released bigint, reversed bigint, held_pending bigint, held_released bigint, hold_sequence int, is_held boolean)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  with steps as (
    select t.reward_id, t.amount, t.currency, c.user_id, m.position_from as source, m.position_to as target
    from transfers t
    join accounts d on d.id = t.debit_account
    join accounts c on c.id = t.credit_account
    join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    where m.position_of = 'reward'
  ), places as (
    select reward_id, target as place, amount from steps
    union all
    select reward_id, source, -amount from steps where source is not null
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
  from (select * from steps where source is null) granting
  join sums s on s.reward_id = granting.reward_id
  left join holds h on h.reward_id = granting.reward_id
$$;

create function computed_cashout_positions() returns table (cashout_id uuid, user_id uuid, provider text, currency text,
  reserved bigint, in_payout bigint, paid bigint, returned bigint, bounced bigint, reserved_at timestamptz)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  with steps as (
    select t.cashout_id, t.number, t.posted_at, t.amount, t.currency, d.user_id, c.provider, m.position_from as source,
      m.position_to as target
    from transfers t
    join accounts d on d.id = t.debit_account
    join accounts c on c.id = t.credit_account
    join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    where m.position_of = 'cashout'
  ), latest as (
    -- A cashout moves whole, so it is all where its last transfer put it.
    select distinct on (cashout_id) cashout_id, target from steps order by cashout_id, number desc
  )
  select r.cashout_id, r.user_id, (select max(p.provider) from steps p where p.cashout_id = r.cashout_id), r.currency, r.amount,
    case when l.target = 'in_payout' then r.amount else 0 end, case when l.target = 'paid' then r.amount else 0 end,
    case when l.target = 'returned' then r.amount else 0 end, case when l.target = 'bounced' then r.amount else 0 end,
    r.posted_at
  from (select * from steps where source is null) r
  join latest l on l.cashout_id = r.cashout_id
$$;

-- Every row that is not what it should be: was (null: missing) and computed (null: there should be none).
create function projection_differences() returns table (projection text, id text, was jsonb, computed jsonb)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select 'balances', coalesce(k.account_id, c.account_id)::text, to_jsonb(k) - 'balance', to_jsonb(c)
  from balances k full join computed_balances() c on c.account_id = k.account_id
  where to_jsonb(k) - 'balance' is distinct from to_jsonb(c)
  union all
  select 'reward_positions', coalesce(k.reward_id, c.reward_id)::text, to_jsonb(k), to_jsonb(c)
  from reward_positions k full join computed_reward_positions() c on c.reward_id = k.reward_id
  where to_jsonb(k) is distinct from to_jsonb(c)
  union all
  select 'cashout_positions', coalesce(k.cashout_id, c.cashout_id)::text, to_jsonb(k), to_jsonb(c)
  from cashout_positions k full join computed_cashout_positions() c on c.cashout_id = k.cashout_id
  where to_jsonb(k) is distinct from to_jsonb(c)
$$;

-- Puts what was computed in the place of what is kept, under the ledger's lock, and answers what it changed. For an operator who
-- has found out why it differed: only the owner of the tables may, and nothing ever does by itself.
create function rebuild_projections() returns table (projection text, id text, was jsonb, computed jsonb)
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
  perform lock_ledger();
  create temporary table changes on commit drop as select * from projection_differences();

  delete from balances b using changes c where c.projection = 'balances' and c.id = b.account_id::text;
  insert into balances (account_id, sign, guarded, debits, credits, version, max_lateness, max_earliness)
  select r.account_id, r.sign, r.guarded, r.debits, r.credits, r.version, r.max_lateness, r.max_earliness
  from changes c cross join lateral jsonb_populate_record(null::balances, c.computed) r
  where c.projection = 'balances' and c.computed is not null;

  delete from reward_positions p using changes c where c.projection = 'reward_positions' and c.id = p.reward_id::text;
  insert into reward_positions
  select r.* from changes c cross join lateral jsonb_populate_record(null::reward_positions, c.computed) r
  where c.projection = 'reward_positions' and c.computed is not null;

  delete from cashout_positions p using changes c where c.projection = 'cashout_positions' and c.id = p.cashout_id::text;
  insert into cashout_positions
  select r.* from changes c cross join lateral jsonb_populate_record(null::cashout_positions, c.computed) r
  where c.projection = 'cashout_positions' and c.computed is not null;

  return query select * from changes order by projection, id;
  drop table changes;
end $$;

revoke execute on function computed_balances(), computed_reward_positions(), computed_cashout_positions(),
  projection_differences(), rebuild_projections() from public;
grant execute on function computed_balances(), computed_reward_positions(), computed_cashout_positions(),
  projection_differences() to :"service_role";
