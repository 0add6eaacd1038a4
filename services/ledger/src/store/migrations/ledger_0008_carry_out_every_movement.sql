-- What a transfer is, looked up once for all that follows: who owns its accounts, and which position it moves how.
-- `offset 0` keeps the planner from turning a look-up by key around: its plan may date from when accounts was small, and
-- walking all accounts for each batch cost 30 ms at 3,000 of them.

-- A reward's position is the fold of its transfers; permitted_movements says what each does to it.
create function move_reward_positions(rewards uuid[], amounts bigint[], sources text[], targets text[]) returns bigint
language sql set search_path = pg_catalog, public, pg_temp as $$
  with moved as (
    select reward_id,
      sum(case 'pending' when target then amount when source then -amount else 0 end)::bigint as pending,
      sum(case 'held_pending' when target then amount when source then -amount else 0 end)::bigint as held_pending,
      sum(case 'released' when target then amount when source then -amount else 0 end)::bigint as released,
      sum(case 'held_released' when target then amount when source then -amount else 0 end)::bigint as held_released,
      sum(case 'reversed' when target then amount else 0 end)::bigint as reversed
    from unnest(rewards, amounts, sources, targets) as m (reward_id, amount, source, target)
    group by reward_id
  ), found as (
    update reward_positions p
    set pending = p.pending + moved.pending, held_pending = p.held_pending + moved.held_pending,
      released = p.released + moved.released, held_released = p.held_released + moved.held_released,
      reversed = p.reversed + moved.reversed
    from moved where p.reward_id = moved.reward_id
    returning 1
  )
  select (select count(*) from moved) - (select count(*) from found)
$$;

-- A cashout's position likewise. Its first movement, the reservation, makes it.
create function move_cashout_positions(cashouts uuid[], users uuid[], providers text[], currencies text[], amounts bigint[],
  sources text[], targets text[], instant timestamptz) returns bigint
language sql set search_path = pg_catalog, public, pg_temp as $$
  with movements as materialized (
    select * from unnest(cashouts, users, providers, currencies, amounts, sources, targets)
      as m (cashout_id, user_id, provider, currency, amount, source, target)
  ), moved as (
    select cashout_id, max(provider) as provider,
      coalesce(sum(amount) filter (where source is null), 0)::bigint as reserved,
      sum(case 'in_payout' when target then amount when source then -amount else 0 end)::bigint as in_payout,
      sum(case 'paid' when target then amount when source then -amount else 0 end)::bigint as paid,
      sum(case 'returned' when target then amount else 0 end)::bigint as returned,
      sum(case 'bounced' when target then amount else 0 end)::bigint as bounced
    from movements group by cashout_id
  ), reserved as (
    insert into cashout_positions (cashout_id, user_id, provider, currency, reserved, in_payout, paid, returned, bounced, reserved_at)
    select moved.cashout_id, m.user_id, moved.provider, m.currency, moved.reserved, moved.in_payout, moved.paid,
      moved.returned, moved.bounced, instant
    from moved join movements m on m.cashout_id = moved.cashout_id and m.source is null
    returning 1
  ), found as (
    update cashout_positions p
    set provider = coalesce(moved.provider, p.provider), in_payout = p.in_payout + moved.in_payout,
      paid = p.paid + moved.paid, returned = p.returned + moved.returned, bounced = p.bounced + moved.bounced
    from moved where p.cashout_id = moved.cashout_id and moved.reserved = 0
    returning 1
  )
  select (select count(*) from moved) - (select count(*) from reserved) - (select count(*) from found)
$$;

-- As ledger_0003_guards has it; for every movement, and with how far the times of an account's entries lie apart.
create or replace function carry_out_transfers() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  asked bigint;
  permitted bigint;
  written bigint;
  without_position bigint := 0;
  moved record;
begin
  select count(*) into asked from inserted;

  with permitted_transfers as materialized (
    select t.reward_id, t.cashout_id, t.posted_at, t.currency, t.amount, d.user_id, c.provider, m.position_of,
      m.position_from, m.position_to
    from inserted t
    cross join lateral (select kind, user_id, currency from accounts where id = t.debit_account offset 0) d
    cross join lateral (select kind, user_id, provider, currency from accounts where id = t.credit_account offset 0) c
    join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    where d.currency = t.currency and c.currency = t.currency
      and (not m.same_owner or d.user_id is not distinct from c.user_id)
      and (m.position_of is distinct from 'reward' or t.reward_id is not null)
      and (m.position_of is distinct from 'cashout' or t.cashout_id is not null)
  ), granted as (
    insert into reward_positions (reward_id, user_id, currency, granted, pending)
    select reward_id, user_id, currency, amount, amount from permitted_transfers
    where position_of = 'reward' and position_from is null
  )
  select count(*) as permitted,
    array_agg(reward_id) filter (where position_of = 'reward' and position_from is not null) as rewards,
    array_agg(amount) filter (where position_of = 'reward' and position_from is not null) as reward_amounts,
    array_agg(position_from) filter (where position_of = 'reward' and position_from is not null) as reward_sources,
    array_agg(position_to) filter (where position_of = 'reward' and position_from is not null) as reward_targets,
    array_agg(cashout_id) filter (where position_of = 'cashout') as cashouts,
    array_agg(user_id) filter (where position_of = 'cashout') as users,
    array_agg(provider) filter (where position_of = 'cashout') as providers,
    array_agg(currency) filter (where position_of = 'cashout') as currencies,
    array_agg(amount) filter (where position_of = 'cashout') as cashout_amounts,
    array_agg(position_from) filter (where position_of = 'cashout') as cashout_sources,
    array_agg(position_to) filter (where position_of = 'cashout') as cashout_targets,
    min(posted_at) as posted_at
  into moved from permitted_transfers;
  if moved.permitted <> asked then
    raise exception 'transfers only make permitted movements, in one currency, of what they belong to'
      using errcode = 'check_violation', constraint = 'transfers_are_permitted_movements';
  end if;
  -- After the statement above, so that a reward granted and moved in one batch is there.
  if moved.rewards is not null then
    without_position := move_reward_positions(moved.rewards, moved.reward_amounts, moved.reward_sources, moved.reward_targets);
  end if;
  if moved.cashouts is not null then
    without_position := without_position + move_cashout_positions(moved.cashouts, moved.users, moved.providers,
      moved.currencies, moved.cashout_amounts, moved.cashout_sources, moved.cashout_targets, moved.posted_at);
  end if;
  if without_position <> 0 then
    raise exception 'a movement of a reward or a cashout needs its position'
      using errcode = 'check_violation', constraint = 'movements_have_a_position';
  end if;

  with legs as (
    select debit_account as account_id, number, id, 'D'::"char" as side, amount, -amount as change, posted_at, effective_at
    from inserted
    union all
    select credit_account, number, id, 'C'::"char", amount, amount, posted_at, effective_at from inserted
  )
  insert into ledger_entries (account_id, version, posted_at, effective_at, amount, balance_after, transfer_id, side)
  select l.account_id, b.version + row_number() over entries_before, l.posted_at, l.effective_at, l.amount,
    b.balance + (b.sign * sum(l.change) over entries_before)::bigint, l.id, l.side
  from legs l
  cross join lateral (select version, balance, sign from balances where account_id = l.account_id offset 0) b
  window entries_before as (partition by l.account_id order by l.number rows unbounded preceding);
  get diagnostics written = row_count;
  if written <> 2 * asked then
    raise exception 'a transfer has two entries' using errcode = 'check_violation';
  end if;

  with folded as (
    select account_id, sum(debit)::bigint as debits, sum(credit)::bigint as credits, count(*) as entries,
      max(posted_at - effective_at) as lateness, max(effective_at - posted_at) as earliness
    from (
      select debit_account as account_id, amount as debit, 0 as credit, posted_at, effective_at from inserted
      union all
      select credit_account, 0, amount, posted_at, effective_at from inserted
    ) sides
    group by account_id
  )
  update balances b
  set debits = b.debits + folded.debits, credits = b.credits + folded.credits, version = b.version + folded.entries,
    max_lateness = greatest(b.max_lateness, folded.lateness), max_earliness = greatest(b.max_earliness, folded.earliness)
  from folded where b.account_id = folded.account_id;
  return null;
end $$;
