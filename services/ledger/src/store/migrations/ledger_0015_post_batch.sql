/*
 * As ledger_0010_refuse_more has it in what it writes and refuses, with each balance told whose it is. Each array is read once, for
 * the rows, for what is checked and for what is hashed: reading them again and again cost a tenth of it.
 */
create or replace function post_batch(
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
  written int;
  count_caused bigint;
  count_counted bigint;
  -- The longest counts: what is missing beside it is missed below.
  count_opened int := greatest(cardinality(opened_ids), cardinality(opened_kinds), 0);
  count_answered int := coalesce(array_length(answered_ids, 1), 0);
  count_posted int := greatest(cardinality(transfer_ids), cardinality(transfer_kinds), 0);
begin
  -- The same lock that the caller took before it loaded what it decided on; taken again, it costs nothing.
  perform lock_ledger();
  select * into strict head from ledger_head;
  -- The clock is read after the lock and never falls behind the batch before, whatever the machine's clock does.
  stamp := greatest(clock_timestamp(), head.posted_at + interval '1 microsecond');

  if count_opened > 0 then
    if exists (select from unnest(opened_ids) with ordinality o (id, n) where id is distinct from head.last_account + n) then
      raise exception 'accounts are numbered without gaps' using errcode = 'check_violation';
    end if;
    insert into accounts (id, kind, user_id, provider, currency, opened_at)
    select id, kind, user_id, provider, currency, stamp
    from unnest(opened_ids, opened_kinds, opened_users, opened_providers, opened_currencies)
      as o (id, kind, user_id, provider, currency);
    insert into balances (account_id, sign, guarded, kind, user_id, provider, currency)
    select o.id, k.sign, k.guarded, o.kind, o.user_id, o.provider, o.currency
    from unnest(opened_ids, opened_kinds, opened_users, opened_providers, opened_currencies)
      as o (id, kind, user_id, provider, currency)
    join account_kinds k on k.kind = o.kind and case k.owner
      when 'user' then o.user_id is not null and o.provider is null
      when 'provider' then o.user_id is null and o.provider is not null
      else o.user_id is null and o.provider is null end;
    get diagnostics written = row_count;
    if written <> count_opened then
      raise exception 'an account belongs to whom its kind says'
        using errcode = 'check_violation', constraint = 'accounts_belong_to_their_kinds_owner';
    end if;
    select string_agg(account_bytes(id, kind, user_id, provider, currency), '' order by id) into opened_bytes
    from unnest(opened_ids, opened_kinds, opened_users, opened_providers, opened_currencies)
      as o (id, kind, user_id, provider, currency);
  end if;

  with answers as materialized (
    select *,
      -- The fingerprint is the hash of what it says was asked. Without a kind it would say nothing.
      outcome <> 'conflict' and kind is not null and fingerprint = sha256(convert_to(concat_ws('/', kind, subject_id,
        coalesce(user_id::text, ''), amount, currency, detail), 'UTF8')) as is_kept,
      outcome = 'conflict' and reason = 'conflict' as is_told
    from unnest(answered_ids, answered_fingerprints, answered_outcomes, answered_reasons, answered_posted_before,
        answered_posted, asked_kinds, asked_subjects, asked_users, asked_amounts, asked_currencies, asked_details)
      as a (cause_id, fingerprint, outcome, reason, posted_before, posted, kind, subject_id, user_id, amount, currency, detail)
  ), kept as (
    insert into causes (cause_id, posted_at, fingerprint, outcome, reason, transfer_ids, kind, subject_id, user_id, amount,
      currency, detail)
    select cause_id, stamp, fingerprint, outcome, reason,
      -- A slice of one costs more than its element.
      case posted when 1 then array[transfer_ids[posted_before + 1]]
        else transfer_ids[posted_before + 1 : posted_before + posted] end,
      kind, subject_id, user_id, amount, currency, detail
    from answers where is_kept
  ), told as (
    insert into cause_conflicts (cause_id, fingerprint, posted_at)
    select cause_id, fingerprint, stamp from answers where is_told
  )
  select count(*) filter (where is_kept or is_told),
    sum(posted) filter (where case
      when outcome <> 'posted' or posted < 1 then false
      when posted = 1 then transfer_causes[posted_before + 1] = cause_id
      else transfer_causes[posted_before + 1 : posted_before + posted] = array_fill(cause_id, array[posted]) end),
    sum(posted), string_agg(cause_bytes(cause_id, fingerprint, outcome, reason), '' order by cause_id, fingerprint)
  into written, count_caused, count_counted, answered_bytes
  from answers;
  if count_answered = 0 or written <> count_answered then
    raise exception 'a batch answers something, and every answer is kept with what was asked, as its fingerprint says'
      using errcode = 'check_violation', constraint = 'batches_keep_every_answer';
  end if;
  if coalesce(count_caused, 0) <> count_posted or count_counted is distinct from count_posted then
    raise exception 'a transfer belongs to the cause that it is counted with'
      using errcode = 'check_violation', constraint = 'transfers_belong_to_one_cause';
  end if;

  if count_posted > 0 then
    with posting as materialized (
      select id, cause_id, t.kind, debit, credit, amount, currency, reward_id, cashout_id, effective_at, head.last_transfer + n as number
      from unnest(transfer_ids, transfer_causes, transfer_kinds, transfer_debits, transfer_credits, transfer_amounts,
        transfer_currencies, transfer_rewards, transfer_cashouts, transfer_times)
        with ordinality as t (id, cause_id, kind, debit, credit, amount, currency, reward_id, cashout_id, effective_at, n)
    ), posted as (
      insert into transfers (posted_at, effective_at, number, debit_account, credit_account, amount, id, cause_id, reward_id,
        cashout_id, kind, currency)
      select stamp, effective_at, number, debit, credit, amount, id, cause_id, reward_id, cashout_id, kind, currency from posting
    )
    select string_agg(transfer_bytes(number, id, cause_id, kind, debit, credit, amount, currency, reward_id, effective_at, cashout_id),
      '' order by number)
    into posted_bytes
    from posting;
  end if;

  if cardinality(hold_rewards) > 0 then
    update reward_positions p set hold_sequence = h.sequence, is_held = h.state
    from unnest(hold_rewards, hold_sequences, hold_states) as h (reward_id, sequence, state)
    where p.reward_id = h.reward_id and h.sequence > p.hold_sequence and not (h.state and p.pending > 0);
    get diagnostics written = row_count;
    if written <> cardinality(hold_rewards) then
      raise exception 'a hold is of a reward, overtakes the one before it, and leaves nothing of it free'
        using errcode = 'check_violation', constraint = 'holds_have_a_reward';
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
