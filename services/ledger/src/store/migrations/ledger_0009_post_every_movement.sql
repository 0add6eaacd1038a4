-- As ledger_0004_post_batch has it. A transfer of a cashout names it at its end; a number is below 2^56, so the byte 2 cannot
-- begin the next transfer, and what was hashed before there were cashouts stays as it was.
create function transfer_bytes(number bigint, id uuid, cause_id uuid, kind text, debit_account bigint,
  credit_account bigint, amount bigint, currency text, reward_id uuid, effective_at timestamptz, cashout_id uuid) returns bytea
language sql stable parallel safe as $$
  select int8send(number) || uuid_send(id) || uuid_send(cause_id) || text_bytes(kind) || int8send(debit_account)
    || int8send(credit_account) || int8send(amount) || text_bytes(currency)
    || coalesce('\x01' || uuid_send(reward_id), '\x00') || timestamptz_send(effective_at)
    || coalesce('\x02' || uuid_send(cashout_id), '')
$$;

drop function post_batch(bigint[], text[], uuid[], text[], text[], uuid[], bytea[], text[], text[], int[], int[],
  uuid[], uuid[], text[], bigint[], bigint[], bigint[], text[], uuid[], timestamptz[]);

/*
 * Posts what was decided, in one trip: the only way anything is ever written to the ledger's tables, and the only thing
 * the service's role may execute on them. The arrays belong together by prefix: accounts to open, causes answered
 * (outcome `conflict`: told apart, since their cause has its answer already; posted: how many transfers it led to, after
 * how many of those before it) with what they asked, transfers in the order of posting, and how rewards stand whose hold
 * has changed.
 * Inserting the transfers carries them out (see ledger_0003_guards). What the database can know it checks; a violation
 * is a fault of the caller's, never a refusal. Answers the batch's instant.
 */
create function post_batch(
  opened_ids bigint[], opened_kinds text[], opened_users uuid[], opened_providers text[], opened_currencies text[],
  answered_ids uuid[], answered_fingerprints bytea[], answered_outcomes text[], answered_reasons text[],
  answered_posted_before int[], answered_posted int[],
  asked_kinds text[], asked_subjects uuid[], asked_users uuid[], asked_amounts bigint[], asked_currencies text[], asked_details text[],
  transfer_ids uuid[], transfer_causes uuid[], transfer_kinds text[], transfer_debits bigint[], transfer_credits bigint[],
  transfer_amounts bigint[], transfer_currencies text[], transfer_rewards uuid[], transfer_cashouts uuid[],
  transfer_times timestamptz[],
  hold_rewards uuid[], hold_sequences int[], hold_states boolean[]
) returns timestamptz
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
-- The plans must not depend on when statistics were last taken: these tables start empty and grow by the hour.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
-- What is switched off costs so much on paper, before PostgreSQL 18, that it would be compiled.
set jit = off
as $$
declare
  head ledger_head;
  stamp timestamptz;
  opened_bytes bytea;
  answered_bytes bytea;
  posted_bytes bytea;
  body bytea;
  count_opened int := coalesce(array_length(opened_ids, 1), 0);
  count_posted int := coalesce(array_length(transfer_ids, 1), 0);
begin
  -- The same lock that the caller took before it loaded what it decided on; taken again, it costs nothing.
  perform lock_ledger();
  select * into strict head from ledger_head;
  -- The clock is read after the lock and never falls behind the batch before, whatever the machine's clock does.
  stamp := greatest(clock_timestamp(), head.posted_at + interval '1 microsecond');

  if count_opened > 0 then
    if opened_ids[1] <> head.last_account + 1 or opened_ids[count_opened] <> head.last_account + count_opened then
      raise exception 'accounts are numbered without gaps' using errcode = 'check_violation';
    end if;
    insert into accounts (id, kind, user_id, provider, currency, opened_at)
    select id, kind, user_id, provider, currency, stamp
    from unnest(opened_ids, opened_kinds, opened_users, opened_providers, opened_currencies)
      as o (id, kind, user_id, provider, currency);
    insert into balances (account_id, sign, guarded)
    select o.id, k.sign, k.guarded from unnest(opened_ids, opened_kinds) as o (id, kind) join account_kinds k using (kind);
    select string_agg(account_bytes(id, kind, user_id, provider, currency), '' order by id) into opened_bytes
    from unnest(opened_ids, opened_kinds, opened_users, opened_providers, opened_currencies)
      as o (id, kind, user_id, provider, currency);
  end if;

  insert into causes (cause_id, posted_at, fingerprint, outcome, reason, transfer_ids, kind, subject_id, user_id, amount,
    currency, detail)
  select a.cause_id, stamp, a.fingerprint, a.outcome, a.reason, transfer_ids[a.posted_before + 1 : a.posted_before + a.posted],
    a.kind, a.subject_id, a.user_id, a.amount, a.currency, a.detail
  from unnest(answered_ids, answered_fingerprints, answered_outcomes, answered_reasons, answered_posted_before, answered_posted,
    asked_kinds, asked_subjects, asked_users, asked_amounts, asked_currencies, asked_details)
    as a (cause_id, fingerprint, outcome, reason, posted_before, posted, kind, subject_id, user_id, amount, currency, detail)
  where a.outcome <> 'conflict';
  if 'conflict' = any (answered_outcomes) then
    insert into cause_conflicts (cause_id, fingerprint, posted_at)
    select cause_id, fingerprint, stamp
    from unnest(answered_ids, answered_fingerprints, answered_outcomes) as a (cause_id, fingerprint, outcome)
    where outcome = 'conflict';
  end if;
  select string_agg(cause_bytes(cause_id, fingerprint, outcome, reason), '' order by cause_id, fingerprint)
  into answered_bytes
  from unnest(answered_ids, answered_fingerprints, answered_outcomes, answered_reasons)
    as a (cause_id, fingerprint, outcome, reason);

  if count_posted > 0 then
    insert into transfers (posted_at, effective_at, number, debit_account, credit_account, amount, id, cause_id, reward_id,
      cashout_id, kind, currency)
    select stamp, effective_at, head.last_transfer + n, debit, credit, amount, id, cause_id, reward_id, cashout_id, kind, currency
    from unnest(transfer_ids, transfer_causes, transfer_kinds, transfer_debits, transfer_credits, transfer_amounts,
      transfer_currencies, transfer_rewards, transfer_cashouts, transfer_times)
      with ordinality as t (id, cause_id, kind, debit, credit, amount, currency, reward_id, cashout_id, effective_at, n);

    select string_agg(transfer_bytes(head.last_transfer + n, id, cause_id, kind, debit, credit, amount, currency,
      reward_id, effective_at, cashout_id), '' order by n) into posted_bytes
    from unnest(transfer_ids, transfer_causes, transfer_kinds, transfer_debits, transfer_credits, transfer_amounts,
      transfer_currencies, transfer_rewards, transfer_cashouts, transfer_times)
      with ordinality as t (id, cause_id, kind, debit, credit, amount, currency, reward_id, cashout_id, effective_at, n);
  end if;

  if cardinality(hold_rewards) > 0 then
    update reward_positions p set hold_sequence = h.sequence, is_held = h.state
    from unnest(hold_rewards, hold_sequences, hold_states) as h (reward_id, sequence, state) where p.reward_id = h.reward_id;
    if (select count(*) from unnest(hold_rewards) h (reward_id) join reward_positions p using (reward_id)) <> cardinality(hold_rewards) then
      raise exception 'a hold needs its reward' using errcode = 'check_violation', constraint = 'holds_have_a_reward';
    end if;
  end if;

  body := body_hash(coalesce(opened_bytes, ''), coalesce(answered_bytes, ''), coalesce(posted_bytes, ''));
  update ledger_head set batch = head.batch + 1, posted_at = stamp, last_transfer = head.last_transfer + count_posted,
    last_account = head.last_account + count_opened, hash = chain_hash(head.hash, head.batch + 1, stamp, body)
  returning * into head;
  insert into batches (number, posted_at, last_transfer, transfers, last_account, body, hash)
  values (head.batch, stamp, head.last_transfer, count_posted, head.last_account, body, head.hash);
  return stamp;
end $$;

revoke execute on function post_batch(bigint[], text[], uuid[], text[], text[], uuid[], bytea[], text[], text[], int[], int[],
  text[], uuid[], uuid[], bigint[], text[], text[], uuid[], uuid[], text[], bigint[], bigint[], bigint[], text[], uuid[], uuid[],
  timestamptz[], uuid[], int[], boolean[]) from public;
grant execute on function post_batch(bigint[], text[], uuid[], text[], text[], uuid[], bytea[], text[], text[], int[], int[],
  text[], uuid[], uuid[], bigint[], text[], text[], uuid[], uuid[], text[], bigint[], bigint[], bigint[], text[], uuid[], uuid[],
  timestamptz[], uuid[], int[], boolean[]) to :"service_role";
revoke execute on function move_reward_positions(uuid[], bigint[], text[], text[]) from public;
revoke execute on function move_cashout_positions(uuid[], uuid[], text[], text[], bigint[], text[], text[], timestamptz) from public;
