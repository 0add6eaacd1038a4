/*
 * Takes the ledger's lock and reads all that a batch may touch, in one trip: the lock comes first and alone, so what is read
 * after it is what the transaction before us committed. Plans do not depend on statistics: before PostgreSQL 18 a look-up of 200
 * keys in a table that was small when last analysed walks it, at 1 ms a batch.
 * The arrays of accounts belong together; account_owners counts the owners asked for, from 1. program_currencies: in which the
 * accounts of the program and of the providers are asked for.
 */
create function load_books(cause_ids uuid[], reward_ids uuid[], cashout_ids uuid[], owners uuid[], owner_currencies text[],
  program_currencies text[])
returns table (last_account bigint, causes json, rewards json, cashouts json, refused_cashouts uuid[], program_accounts json,
  account_owners int[], account_kinds text[], account_ids bigint[], account_debits bigint[], account_credits bigint[])
language plpgsql set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
begin
  perform lock_ledger();
  return query
  select h.last_account,
    (select json_agg(json_build_array(c.cause_id, encode(c.fingerprint, 'hex'), c.conflict)) from (
      select cause_id, fingerprint, false as conflict from causes where cause_id = any(cause_ids)
      union all
      select cause_id, fingerprint, true from cause_conflicts where cause_id = any(cause_ids)) c),
    (select json_agg(json_build_array(reward_id, user_id, currency, granted::text, pending::text, held_pending::text, released::text,
       held_released::text, reversed::text, hold_sequence, is_held))
     from reward_positions where reward_id = any(reward_ids)),
    case when cashout_ids <> '{}' then
      (select json_agg(json_build_array(cashout_id, user_id, provider, currency, reserved::text, in_payout::text, paid::text,
         returned::text, bounced::text))
       from cashout_positions where cashout_id = any(cashout_ids)) end,
    case when cashout_ids <> '{}' then
      (select array_agg(subject_id) from causes where kind = 'reserve' and outcome = 'refused' and subject_id = any(cashout_ids)) end,
    case when program_currencies <> '{}' then
      (select json_agg(json_build_array(account_id::text, kind, provider, currency, debits::text, credits::text))
       from balances where user_id is null and currency = any(program_currencies)) end,
    a.*
  from ledger_head h, (
    select array_agg(o.n::int), array_agg(b.kind), array_agg(b.account_id), array_agg(b.debits), array_agg(b.credits)
    from unnest(owners, owner_currencies) with ordinality as o (user_id, currency, n)
    cross join lateral (
      select account_id, kind, debits, credits from balances where user_id = o.user_id and currency = o.currency offset 0
    ) b
  ) a;
end $$;

revoke execute on function load_books(uuid[], uuid[], uuid[], uuid[], text[], text[]) from public;
grant execute on function load_books(uuid[], uuid[], uuid[], uuid[], text[], text[]) to :"service_role";
