-- What the service's own role could still have written wrongly through post_batch, and the database can know at next to no
-- cost (1 to 2 % of a posting's CPU, measured): it is refused here, whoever asks.

-- Amounts are what every boundary can carry, JSON numbers among them; 'infinity' is no instant.
alter table transfers
  add constraint transfers_move_what_every_boundary_can_carry check (amount <= 9007199254740991),
  add constraint transfers_take_effect_at_an_instant check (isfinite(effective_at));

-- As ledger_0008_carry_out_every_movement has it; only for the reward's own user, in its own currency.
drop function move_reward_positions(uuid[], bigint[], text[], text[]);
create function move_reward_positions(rewards uuid[], users uuid[], currencies text[], amounts bigint[], sources text[],
  targets text[]) returns bigint
language sql set search_path = pg_catalog, public, pg_temp as $$
  with moved as (
    select reward_id, user_id, currency,
      sum(case 'pending' when target then amount when source then -amount else 0 end)::bigint as pending,
      sum(case 'held_pending' when target then amount when source then -amount else 0 end)::bigint as held_pending,
      sum(case 'released' when target then amount when source then -amount else 0 end)::bigint as released,
      sum(case 'held_released' when target then amount when source then -amount else 0 end)::bigint as held_released,
      sum(case 'reversed' when target then amount else 0 end)::bigint as reversed
    from unnest(rewards, users, currencies, amounts, sources, targets) as m (reward_id, user_id, currency, amount, source, target)
    group by reward_id, user_id, currency
  ), found as (
    update reward_positions p
    set pending = p.pending + moved.pending, held_pending = p.held_pending + moved.held_pending,
      released = p.released + moved.released, held_released = p.held_released + moved.held_released,
      reversed = p.reversed + moved.reversed
    from moved where p.reward_id = moved.reward_id and p.user_id = moved.user_id and p.currency = moved.currency
    returning 1
  )
  select (select count(*) from moved) - (select count(*) from found)
$$;
revoke execute on function move_reward_positions(uuid[], uuid[], text[], bigint[], text[], text[]) from public;

-- Likewise: only of the cashout's own user, in its own currency, and from whoever paid it.
create or replace function move_cashout_positions(cashouts uuid[], users uuid[], providers text[], currencies text[],
  amounts bigint[], sources text[], targets text[], instant timestamptz) returns bigint
language sql set search_path = pg_catalog, public, pg_temp as $$
  with moved as (
    select cashout_id, user_id, currency, min(provider) as provider, count(distinct provider) as providers,
      coalesce(sum(amount) filter (where source is null), 0)::bigint as reserved, count(*) filter (where source is null) as reservations,
      sum(case 'in_payout' when target then amount when source then -amount else 0 end)::bigint as in_payout,
      sum(case 'paid' when target then amount when source then -amount else 0 end)::bigint as paid,
      sum(case 'returned' when target then amount else 0 end)::bigint as returned,
      sum(case 'bounced' when target then amount else 0 end)::bigint as bounced
    from unnest(cashouts, users, providers, currencies, amounts, sources, targets)
      as m (cashout_id, user_id, provider, currency, amount, source, target)
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
    from moved where p.cashout_id = moved.cashout_id and p.user_id = moved.user_id and p.currency = moved.currency
      and moved.reservations = 0 and moved.providers <= 1 and coalesce(p.provider, moved.provider) is not distinct from
        coalesce(moved.provider, p.provider)
    returning 1
  )
  select (select count(*) from moved) - (select count(*) from reserved) - (select count(*) from found)
$$;

create function refuse_overdraft() returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'a guarded account would go below zero, if only until the next transfer'
    using errcode = 'check_violation', constraint = 'guarded_accounts_never_go_below_zero';
end $$;

-- As ledger_0008_carry_out_every_movement has it; a transfer is of a reward or of a cashout, of their own user's and
-- provider's, and no entry, not only no batch, leaves a guarded account below zero.
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
    select t.reward_id, t.cashout_id, t.posted_at, t.currency, t.amount,
      coalesce(d.user_id, c.user_id) as user_id, coalesce(d.provider, c.provider) as provider, m.position_of,
      m.position_from, m.position_to
    from inserted t
    cross join lateral (select kind, user_id, provider, currency from accounts where id = t.debit_account offset 0) d
    cross join lateral (select kind, user_id, provider, currency from accounts where id = t.credit_account offset 0) c
    join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    where d.currency = t.currency and c.currency = t.currency
      and (not m.same_owner or d.user_id is not distinct from c.user_id)
      and (m.position_of is distinct from 'reward' or t.reward_id is not null)
      and (m.position_of is distinct from 'cashout' or t.cashout_id is not null)
      and (t.reward_id is null or t.cashout_id is null)
  ), granted as (
    insert into reward_positions (reward_id, user_id, currency, granted, pending)
    select reward_id, user_id, currency, amount, amount from permitted_transfers
    where position_of = 'reward' and position_from is null
  )
  select count(*) as permitted,
    array_agg(reward_id) filter (where position_of = 'reward' and position_from is not null) as rewards,
    array_agg(user_id) filter (where position_of = 'reward' and position_from is not null) as reward_users,
    array_agg(currency) filter (where position_of = 'reward' and position_from is not null) as reward_currencies,
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
    without_position := move_reward_positions(moved.rewards, moved.reward_users, moved.reward_currencies,
      moved.reward_amounts, moved.reward_sources, moved.reward_targets);
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
  select account_id, version, posted_at, effective_at, amount,
    case when guarded and balance_after < 0 then refuse_overdraft() else balance_after end, id, side
  from (
    select l.account_id, b.version + row_number() over entries_before as version, l.posted_at, l.effective_at, l.amount,
      b.balance + (b.sign * sum(l.change) over entries_before)::bigint as balance_after, l.id, l.side, b.guarded
    from legs l
    cross join lateral (select version, balance, sign, guarded from balances where account_id = l.account_id offset 0) b
    window entries_before as (partition by l.account_id order by l.number rows unbounded preceding)
  ) sides;
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

/*
 * As ledger_0009_post_every_movement has it, and what is refused besides: an account that is not its kind's owner's or leaves
 * out a number; an answer that is not kept, or whose fingerprint is not the
 * hash of what it says was asked; a transfer that is not its cause's; a hold that
 * was overtaken or leaves money free; nothing at all.
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
  written_conflicts int := 0;
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
    insert into balances (account_id, sign, guarded)
    select o.id, k.sign, k.guarded
    from unnest(opened_ids, opened_kinds, opened_users, opened_providers) as o (id, kind, user_id, provider)
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

  insert into causes (cause_id, posted_at, fingerprint, outcome, reason, transfer_ids, kind, subject_id, user_id, amount,
    currency, detail)
  select a.cause_id, stamp, a.fingerprint, a.outcome, a.reason, transfer_ids[a.posted_before + 1 : a.posted_before + a.posted],
    a.kind, a.subject_id, a.user_id, a.amount, a.currency, a.detail
  from unnest(answered_ids, answered_fingerprints, answered_outcomes, answered_reasons, answered_posted_before, answered_posted,
    asked_kinds, asked_subjects, asked_users, asked_amounts, asked_currencies, asked_details)
    as a (cause_id, fingerprint, outcome, reason, posted_before, posted, kind, subject_id, user_id, amount, currency, detail)
  where a.outcome <> 'conflict'
    and a.fingerprint = sha256(convert_to(a.kind || '/' || a.subject_id || '/' || coalesce(a.user_id::text, '') || '/' || a.amount
      || '/' || a.currency || coalesce('/' || a.detail, ''), 'UTF8'));
  get diagnostics written = row_count;
  if 'conflict' = any (answered_outcomes) then
    insert into cause_conflicts (cause_id, fingerprint, posted_at)
    select cause_id, fingerprint, stamp
    from unnest(answered_ids, answered_fingerprints, answered_outcomes, answered_reasons)
      as a (cause_id, fingerprint, outcome, reason)
    where outcome = 'conflict' and reason = 'conflict';
    get diagnostics written_conflicts = row_count;
  end if;
  if count_answered = 0 or written + written_conflicts <> count_answered then
    raise exception 'a batch answers something, and every answer is kept with what was asked, as its fingerprint says'
      using errcode = 'check_violation', constraint = 'batches_keep_every_answer';
  end if;
  if (select coalesce(sum(a.posted), 0) from unnest(answered_posted) as a (posted)) <> count_posted
    or (select count(*)
      from unnest(answered_ids, answered_outcomes, answered_posted_before, answered_posted)
        as a (cause_id, outcome, posted_before, posted)
      cross join lateral unnest(transfer_causes[a.posted_before + 1 : a.posted_before + a.posted]) as t (cause_id)
      where a.outcome = 'posted' and t.cause_id = a.cause_id) <> count_posted then
    raise exception 'a transfer belongs to the cause that it is counted with'
      using errcode = 'check_violation', constraint = 'transfers_belong_to_one_cause';
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
