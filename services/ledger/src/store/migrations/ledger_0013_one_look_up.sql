-- Posting looked up each account four times: by its owner, its balance, its identity and its balance again. A balance now
-- knows whose it is, so that one look-up tells everything. Verification compares it with the account.
alter table balances
  add column kind text,
  add column user_id uuid,
  add column provider text,
  add column currency text;

update balances b set kind = a.kind, user_id = a.user_id, provider = a.provider, currency = a.currency
from accounts a where a.id = b.account_id;

alter table balances
  alter column kind set not null,
  alter column currency set not null;

-- Never updated, so updates of balances stay on their page and touch no index.
create index balances_by_owner on balances (user_id, currency);

-- For each statement and these columns alone: what posting updates does not fire it.
create trigger balances_keep_their_owner before update of account_id, kind, user_id, provider, currency, sign, guarded on balances
  for each statement execute function refuse_to_change_history();

-- What a transfer does to the position of a reward or a cashout.
create type position_movement as (
  reward_id uuid,
  cashout_id uuid,
  user_id uuid,
  provider text,
  currency text,
  amount bigint,
  source text,
  target text
);

-- As ledger_0010_refuse_more has them. `between x and x` is equality that can only be looked up by key: written with `=`, a
-- plan made while the table was small may walk all of it for each batch.
drop function move_reward_positions(uuid[], uuid[], text[], bigint[], text[], text[]);
create function move_reward_positions(movements position_movement[]) returns bigint
language sql set search_path = pg_catalog, public, pg_temp as $$
  with moved as (
    select reward_id, user_id, currency,
      sum(case 'pending' when target then amount when source then -amount else 0 end)::bigint as pending,
      sum(case 'held_pending' when target then amount when source then -amount else 0 end)::bigint as held_pending,
      sum(case 'released' when target then amount when source then -amount else 0 end)::bigint as released,
      sum(case 'held_released' when target then amount when source then -amount else 0 end)::bigint as held_released,
      sum(case 'reversed' when target then amount else 0 end)::bigint as reversed
    from unnest(movements) where reward_id is not null
    group by reward_id, user_id, currency
  ), found as (
    update reward_positions p
    set pending = p.pending + moved.pending, held_pending = p.held_pending + moved.held_pending,
      released = p.released + moved.released, held_released = p.held_released + moved.held_released,
      reversed = p.reversed + moved.reversed
    from moved
    where p.reward_id between moved.reward_id and moved.reward_id and p.user_id = moved.user_id and p.currency = moved.currency
    returning 1
  )
  select (select count(*) from moved) - (select count(*) from found)
$$;

drop function move_cashout_positions(uuid[], uuid[], text[], text[], bigint[], text[], text[], timestamptz);
create function move_cashout_positions(movements position_movement[], instant timestamptz) returns bigint
language sql set search_path = pg_catalog, public, pg_temp as $$
  with moved as (
    select cashout_id, user_id, currency, min(provider) as provider, count(distinct provider) as providers,
      coalesce(sum(amount) filter (where source is null), 0)::bigint as reserved, count(*) filter (where source is null) as reservations,
      sum(case 'in_payout' when target then amount when source then -amount else 0 end)::bigint as in_payout,
      sum(case 'paid' when target then amount when source then -amount else 0 end)::bigint as paid,
      sum(case 'returned' when target then amount else 0 end)::bigint as returned,
      sum(case 'bounced' when target then amount else 0 end)::bigint as bounced
    from unnest(movements) where cashout_id is not null
    group by cashout_id, user_id, currency
  ), reserved as (
    insert into cashout_positions (cashout_id, user_id, provider, currency, reserved, in_payout, paid, returned, bounced, reserved_at)
    select cashout_id, user_id, provider, currency, reserved, in_payout, paid, returned, bounced, instant
    from moved where reservations = 1 and providers <= 1
    returning 1
  ), found as (
    update cashout_positions p
    set provider = coalesce(moved.provider, p.provider), in_payout = p.in_payout + moved.in_payout,
      paid = p.paid + moved.paid, returned = p.returned + moved.returned, bounced = p.bounced + moved.bounced
    from moved
    where p.cashout_id between moved.cashout_id and moved.cashout_id and p.user_id = moved.user_id and p.currency = moved.currency
      and moved.reservations = 0 and moved.providers <= 1 and coalesce(p.provider, moved.provider) is not distinct from
        coalesce(moved.provider, p.provider)
    returning 1
  )
  select (select count(*) from moved) - (select count(*) from reserved) - (select count(*) from found)
$$;
revoke execute on function move_reward_positions(position_movement[]) from public;
revoke execute on function move_cashout_positions(position_movement[], timestamptz) from public;

/*
 * As ledger_0010_refuse_more has it in what it does and refuses. Each account is found once, by the update of its balance, and all
 * else follows from what that returns: the permitted movements are checked against it, and the entries count on from the
 * version and balance before it. All transfers of one INSERT are of one instant, a batch's.
 */
create or replace function carry_out_transfers() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp
-- What is joined by hash is the batch alone; balances are looked up (see `between` above).
set enable_hashjoin = on
as $$
declare
  asked bigint;
  permitted bigint;
  instant timestamptz;
  last_instant timestamptz;
  moved position_movement[];
  without_position bigint := 0;
begin
  with sides as (
    select debit_account as account_id, amount as debit, 0 as credit, posted_at, effective_at from inserted
    union all
    select credit_account, 0, amount, posted_at, effective_at from inserted
  ), folded as (
    select account_id, sum(debit)::bigint as debits, sum(credit)::bigint as credits, count(*) as entries,
      min(posted_at) as posted_at, min(effective_at) as first_effective, max(effective_at) as last_effective
    from sides group by account_id
  ), balanced as (
    update balances b
    set debits = b.debits + f.debits, credits = b.credits + f.credits, version = b.version + f.entries,
      max_lateness = greatest(b.max_lateness, f.posted_at - f.first_effective),
      max_earliness = greatest(b.max_earliness, f.last_effective - f.posted_at)
    from folded f where b.account_id between f.account_id and f.account_id
    returning b.account_id, b.version - f.entries as version, b.balance - b.sign * (f.credits - f.debits) as balance, f.entries,
      b.sign, b.guarded, b.kind, b.currency, b.user_id, b.provider
  ), movements as materialized (
    select kind, debit_kind, credit_kind, same_owner, position_of, position_from, position_to from permitted_movements
  ), permitted_transfers as materialized (
    select t.posted_at, m.position_of, m.position_from, t.number, t.id, t.effective_at, t.amount,
      t.debit_account, d.version as d_version, d.balance as d_balance, d.entries as d_entries, d.sign as d_sign, d.guarded as d_guarded,
      t.credit_account, c.version as c_version, c.balance as c_balance, c.entries as c_entries, c.sign as c_sign, c.guarded as c_guarded,
      t.reward_id, coalesce(d.user_id, c.user_id) as user_id, t.currency, t.cashout_id,
      coalesce(d.provider, c.provider) as provider, m.position_to
    from inserted t
    join balanced d on d.account_id = t.debit_account
    join balanced c on c.account_id = t.credit_account
    join movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    where d.currency is not distinct from t.currency and c.currency is not distinct from t.currency
      and (not m.same_owner or d.user_id is not distinct from c.user_id)
      and (m.position_of is distinct from 'reward' or t.reward_id is not null)
      and (m.position_of is distinct from 'cashout' or t.cashout_id is not null)
      and (t.reward_id is null or t.cashout_id is null)
  ), granted as (
    insert into reward_positions (reward_id, user_id, currency, granted, pending)
    select reward_id, user_id, currency, amount, amount from permitted_transfers
    where position_of = 'reward' and position_from is null
  ), legs as (
    select posted_at, number, id, effective_at, amount, 'D'::"char" as side, debit_account as account_id, -amount as change,
      d_version as version, d_balance as balance, d_entries as entries, d_sign as sign, d_guarded as guarded
    from permitted_transfers
    union all
    select posted_at, number, id, effective_at, amount, 'C'::"char", credit_account, amount, c_version, c_balance, c_entries, c_sign,
      c_guarded
    from permitted_transfers
  ), entries as (
    insert into ledger_entries (account_id, version, posted_at, effective_at, amount, balance_after, transfer_id, side)
    select account_id, version, posted_at, effective_at, amount,
      case when guarded and balance_after < 0 then refuse_overdraft() else balance_after end, id, side
    from (
      -- Most accounts have one entry in a batch, which needs no order.
      select account_id, version + 1 as version, posted_at, effective_at, amount, balance + sign * change as balance_after, id, side,
        guarded
      from legs where entries = 1
      union all
      select account_id, version + row_number() over entries_before, posted_at, effective_at, amount,
        balance + (sign * sum(change) over entries_before)::bigint, id, side, guarded
      from legs where entries > 1
      window entries_before as (partition by account_id order by number rows unbounded preceding)
    ) sides_after
  )
  select (select count(*) from inserted), count(*), min(posted_at), max(posted_at),
    array_agg((reward_id, cashout_id, user_id, provider, currency, amount, position_from, position_to)::position_movement)
      filter (where position_from is not null or position_of = 'cashout')
  into asked, permitted, instant, last_instant, moved
  from permitted_transfers;
  if permitted <> asked then
    raise exception 'transfers only make permitted movements, in one currency, of what they belong to'
      using errcode = 'check_violation', constraint = 'transfers_are_permitted_movements';
  end if;
  if last_instant > instant then
    raise exception 'transfers are posted in batches, each at one instant'
      using errcode = 'check_violation', constraint = 'transfers_of_a_batch_share_its_instant';
  end if;
  -- After the statement above, so that a reward granted and moved in one batch is there.
  if moved is not null then
    if (select bool_or(reward_id is not null) from unnest(moved)) then
      without_position := move_reward_positions(moved);
    end if;
    if (select bool_or(cashout_id is not null) from unnest(moved)) then
      without_position := without_position + move_cashout_positions(moved, instant);
    end if;
    if without_position <> 0 then
      raise exception 'a movement of a reward or a cashout needs its position'
        using errcode = 'check_violation', constraint = 'movements_have_a_position';
    end if;
  end if;
  return null;
end $$;
