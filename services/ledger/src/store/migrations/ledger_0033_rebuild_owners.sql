-- As ledger_0032_rebuild has them, and with whose each balance is (see ledger_0013_one_look_up).
create or replace function projection_differences() returns table (projection text, id text, was jsonb, computed jsonb)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select 'balances', coalesce(k.account_id, c.account_id)::text, to_jsonb(k) - 'balance', c.computed
  from balances k
  full join (
    select c.account_id,
      to_jsonb(c) || jsonb_build_object('kind', a.kind, 'user_id', a.user_id, 'provider', a.provider, 'currency', a.currency) as computed
    from computed_balances() c join accounts a on a.id = c.account_id
  ) c on c.account_id = k.account_id
  where to_jsonb(k) - 'balance' is distinct from c.computed
  union all
  select 'reward_positions', coalesce(k.reward_id, c.reward_id)::text, to_jsonb(k), to_jsonb(c)
  from reward_positions k full join computed_reward_positions() c on c.reward_id = k.reward_id
  where to_jsonb(k) is distinct from to_jsonb(c)
  union all
  select 'cashout_positions', coalesce(k.cashout_id, c.cashout_id)::text, to_jsonb(k), to_jsonb(c)
  from cashout_positions k full join computed_cashout_positions() c on c.cashout_id = k.cashout_id
  where to_jsonb(k) is distinct from to_jsonb(c)
$$;

create or replace function rebuild_projections() returns table (projection text, id text, was jsonb, computed jsonb)
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
  perform lock_ledger();
  create temporary table changes on commit drop as select * from projection_differences();

  delete from balances b using changes c where c.projection = 'balances' and c.id = b.account_id::text;
  insert into balances (account_id, sign, guarded, debits, credits, version, max_lateness, max_earliness, kind, user_id, provider, currency)
  select r.account_id, r.sign, r.guarded, r.debits, r.credits, r.version, r.max_lateness, r.max_earliness, r.kind, r.user_id,
    r.provider, r.currency
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
