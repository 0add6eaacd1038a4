-- Time that is no longer kept in the database. Before its transfers and entries are let go, what the accounts and positions came
-- to that they touched is written down and hashed onto the chain: from then on the books start from there. Accounts, causes,
-- batches and checkpoints stay.
create table archives (
  number int primary key,
  -- Everything from here on is kept; what is older, back to where the archive before ends, is in the file.
  retained_from timestamptz not null constraint archives_follow_one_another unique,
  -- The end of the chain at that time, which what is kept follows on. A checkpoint ends there, too.
  last_batch bigint not null,
  last_instant timestamptz not null,
  last_hash bytea not null,
  last_transfer bigint not null,
  last_account bigint not null,
  transfers bigint not null,
  entries bigint not null,
  file_name text not null,
  file_sha256 bytea not null constraint archives_have_a_sha256_of_their_file check (length(file_sha256) = 32),
  openings_sha256 bytea not null,
  positions_sha256 bytea not null,
  -- Over what stays of that time: the batches' own hashes of it cannot be calculated again without the transfers.
  accounts_sha256 bytea not null,
  causes_sha256 bytea not null,
  -- Of the archive before; zeros for the first.
  previous_sha256 bytea not null,
  -- The batch of the chain that covers this row.
  posted_at timestamptz not null
);

-- What each account came to that was touched by what is archived. The newest row of an account counts.
create table opening_balances (
  archive int not null references archives deferrable initially deferred,
  account_id bigint not null references accounts,
  version bigint not null,
  debits bigint not null,
  credits bigint not null,
  balance bigint not null,
  constraint opening_balances_one_per_account_and_archive primary key (account_id, archive)
);

-- Entries of archived months that had not happened yet when their month ended: a balance in effect leaves them out until then.
create table opening_early_entries (
  archive int not null references archives deferrable initially deferred,
  account_id bigint not null references accounts,
  version bigint not null,
  effective_at timestamptz not null,
  -- What it added to the balance, below zero for what it took.
  change bigint not null,
  constraint opening_early_entries_one_per_entry primary key (account_id, version)
);

-- The same as the balances, for rewards and cashouts.
create table opening_reward_positions (
  archive int not null references archives deferrable initially deferred,
  reward_id uuid not null,
  granted bigint not null,
  pending bigint not null,
  held_pending bigint not null,
  released bigint not null,
  held_released bigint not null,
  reversed bigint not null,
  constraint opening_reward_positions_one_per_reward_and_archive primary key (reward_id, archive)
);

create table opening_cashout_positions (
  archive int not null references archives deferrable initially deferred,
  cashout_id uuid not null,
  reserved bigint not null,
  in_payout bigint not null,
  paid bigint not null,
  returned bigint not null,
  bounced bigint not null,
  constraint opening_cashout_positions_one_per_cashout_and_archive primary key (cashout_id, archive)
);

select keep_append_only(array['archives', 'opening_balances', 'opening_early_entries', 'opening_reward_positions', 'opening_cashout_positions']);

grant select on archives, opening_balances, opening_early_entries, opening_reward_positions, opening_cashout_positions to :"service_role";

-- From when on the transfers and entries are here; -infinity while nothing was archived.
create function retained_from() returns timestamptz
language sql stable parallel safe set search_path = pg_catalog, public, pg_temp as $$
  select coalesce((select retained_from from archives order by number desc limit 1), '-infinity')
$$;

create function archive_bytes(archive archives) returns bytea language sql stable parallel safe as $$
  select int4send(archive.number) || timestamptz_send(archive.retained_from)
    || int8send(archive.last_batch) || timestamptz_send(archive.last_instant) || archive.last_hash
    || int8send(archive.last_transfer) || int8send(archive.last_account) || int8send(archive.transfers)
    || int8send(archive.entries) || text_bytes(archive.file_name) || archive.file_sha256 || archive.openings_sha256
    || archive.positions_sha256 || archive.accounts_sha256 || archive.causes_sha256 || archive.previous_sha256
    || timestamptz_send(archive.posted_at)
$$;

-- The hash of a batch that archives something: as others, with what it archives at the end.
create function body_hash(accounts bytea, causes bytea, transfers bytea, archive bytea) returns bytea
language sql immutable parallel safe as $$
  select sha256(int8send(length(accounts)) || accounts || int8send(length(causes)) || causes
    || int8send(length(transfers)) || transfers || coalesce(int8send(length(archive)) || archive, ''))
$$;

-- The hashes over the opening rows of an archive, in the order of their ids.
create function openings_hash(of_archive int) returns bytea
language sql stable parallel safe set search_path = pg_catalog, public, pg_temp as $$
  select sha256(coalesce(string_agg(int8send(account_id) || int8send(version) || int8send(debits) || int8send(credits)
    || int8send(balance), '' order by account_id), ''))
  from opening_balances where archive = of_archive
$$;

create function opening_positions_hash(of_archive int) returns bytea
language sql stable parallel safe set search_path = pg_catalog, public, pg_temp as $$
  select sha256(
    coalesce((select string_agg(uuid_send(reward_id) || int8send(granted) || int8send(pending) || int8send(held_pending)
        || int8send(released) || int8send(held_released) || int8send(reversed), '' order by reward_id)
      from opening_reward_positions where archive = of_archive), '')
    || '\x01' || coalesce((select string_agg(uuid_send(cashout_id) || int8send(reserved) || int8send(in_payout)
        || int8send(paid) || int8send(returned) || int8send(bounced), '' order by cashout_id)
      from opening_cashout_positions where archive = of_archive), '')
    || '\x02' || coalesce((select string_agg(int8send(account_id) || int8send(version) || timestamptz_send(effective_at)
        || int8send(change), '' order by account_id, version)
      from opening_early_entries where archive = of_archive), ''))
$$;

-- The hashes over what stays of some time: the accounts that were opened, and the causes that were answered.
create function opened_hash(since timestamptz, until timestamptz) returns bytea
language sql stable parallel safe set search_path = pg_catalog, public, pg_temp as $$
  select sha256(coalesce(string_agg(account_bytes(id, kind, user_id, provider, currency) || timestamptz_send(opened_at), ''
    order by id), ''))
  from accounts where opened_at >= since and opened_at < until
$$;

create function answered_hash(since timestamptz, until timestamptz) returns bytea
language sql stable parallel safe set search_path = pg_catalog, public, pg_temp as $$
  select sha256(coalesce(string_agg(cause_bytes(cause_id, fingerprint, outcome, reason) || timestamptz_send(posted_at), ''
    order by posted_at, cause_id, fingerprint), ''))
  from (
    select posted_at, cause_id, fingerprint, outcome, reason from causes where posted_at >= since and posted_at < until
    union all
    select posted_at, cause_id, fingerprint, 'conflict', 'conflict' from cause_conflicts where posted_at >= since and posted_at < until
  ) answered
$$;

/*
 * Closes everything before an instant, for the owner only: writes what all that it touched came to, and hashes that onto the
 * chain. The rows are still there when it answers; nothing reads them any more, and their partitions can be let go.
 * Refuses an instant that nothing was posted after, or where no checkpoint ends, a file with another number of rows, and
 * entries that do not lead to what it writes.
 */
create function archive_ledger(until timestamptz, file text, file_hash bytea, file_transfers bigint, file_entries bigint) returns archives
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  head ledger_head;
  before archives;
  made archives;
  body bytea;
begin
  perform lock_ledger();
  select * into strict head from ledger_head;
  select * into before from archives order by number desc limit 1;
  if until <= retained_from() or head.posted_at < until then
    raise exception 'only what is older than something that was posted, and kept, can be archived'
      using errcode = 'object_not_in_prerequisite_state';
  end if;
  made.number := coalesce(before.number, 0) + 1;
  made.retained_from := until;
  made.file_name := file;
  made.file_sha256 := file_hash;
  made.posted_at := greatest(clock_timestamp(), head.posted_at + interval '1 microsecond');

  perform write_openings(made.number, retained_from(), until);
  select number, posted_at, hash, last_transfer, last_account
  into strict made.last_batch, made.last_instant, made.last_hash, made.last_transfer, made.last_account
  from batches where posted_at < until order by posted_at desc limit 1;
  if not exists (select from checkpoints where last_batch = made.last_batch and chain_hash = made.last_hash) then
    raise exception 'no checkpoint ends where this would be cut' using errcode = 'object_not_in_prerequisite_state';
  end if;
  select count(*) into made.transfers from transfers where posted_at >= retained_from() and posted_at < until;
  select count(*) into made.entries from ledger_entries where posted_at >= retained_from() and posted_at < until;
  if (made.transfers, made.entries) <> (file_transfers, file_entries) then
    raise exception 'the file has % transfers and % entries, the ledger % and %', file_transfers, file_entries, made.transfers,
      made.entries using errcode = 'data_exception';
  end if;
  made.openings_sha256 := openings_hash(made.number);
  made.positions_sha256 := opening_positions_hash(made.number);
  made.accounts_sha256 := opened_hash(retained_from(), until);
  made.causes_sha256 := answered_hash(retained_from(), until);
  made.previous_sha256 := case when before.number is null then decode(repeat('00', 32), 'hex') else sha256(archive_bytes(before)) end;
  insert into archives select made.*;

  body := body_hash('', '', '', archive_bytes(made));
  update ledger_head set batch = head.batch + 1, posted_at = made.posted_at,
    hash = chain_hash(head.hash, head.batch + 1, made.posted_at, body)
  returning * into head;
  insert into batches (number, posted_at, last_transfer, transfers, last_account, body, hash)
  values (head.batch, head.posted_at, head.last_transfer, 0, head.last_account, body, head.hash);
  return made;
end $$;

-- What everything that was touched in some time came to at its end: what it came to before, and what that time did to it.
create function write_openings(number int, since timestamptz, until timestamptz) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  wrong bigint;
begin
  insert into opening_balances (archive, account_id, version, debits, credits, balance)
  select number, m.account_id, m.version, coalesce(o.debits, 0) + m.debits, coalesce(o.credits, 0) + m.credits,
    k.sign * (coalesce(o.credits, 0) + m.credits - coalesce(o.debits, 0) - m.debits)
  from (
    select account_id, max(version) as version, coalesce(sum(amount) filter (where side = 'D'), 0)::bigint as debits,
      coalesce(sum(amount) filter (where side = 'C'), 0)::bigint as credits
    from ledger_entries where posted_at >= since and posted_at < until group by account_id
  ) m
  join accounts a on a.id = m.account_id
  join account_kinds k on k.kind = a.kind
  left join lateral (select debits, credits from opening_balances where account_id = m.account_id order by archive desc limit 1) o on true;

  insert into opening_early_entries (archive, account_id, version, effective_at, change)
  select number, e.account_id, e.version, e.effective_at, k.sign * case e.side when 'C' then e.amount else -e.amount end
  from ledger_entries e
  join accounts a on a.id = e.account_id
  join account_kinds k on k.kind = a.kind
  where e.posted_at >= since and e.posted_at < until and e.effective_at >= until;

  select count(*) into wrong from opening_balances o
  left join ledger_entries e on e.account_id = o.account_id and e.version = o.version and e.posted_at >= since and e.posted_at < until
  where o.archive = number and e.balance_after is distinct from o.balance;
  if wrong <> 0 then
    raise exception '% accounts do not come to what their last entry says: verify the books before anything is archived', wrong
      using errcode = 'data_exception';
  end if;

  insert into opening_reward_positions (archive, reward_id, granted, pending, held_pending, released, held_released, reversed)
  select number, m.reward_id, coalesce(o.granted, 0) + m.granted, coalesce(o.pending, 0) + m.pending,
    coalesce(o.held_pending, 0) + m.held_pending, coalesce(o.released, 0) + m.released,
    coalesce(o.held_released, 0) + m.held_released, coalesce(o.reversed, 0) + m.reversed
  from (
    select reward_id, coalesce(sum(amount) filter (where source is null), 0)::bigint as granted,
      sum(case 'pending' when target then amount when source then -amount else 0 end)::bigint as pending,
      sum(case 'held_pending' when target then amount when source then -amount else 0 end)::bigint as held_pending,
      sum(case 'released' when target then amount when source then -amount else 0 end)::bigint as released,
      sum(case 'held_released' when target then amount when source then -amount else 0 end)::bigint as held_released,
      sum(case 'reversed' when target then amount else 0 end)::bigint as reversed
    from positions_moved(since, until) where moves = 'reward' group by reward_id
  ) m
  left join lateral (select * from opening_reward_positions where reward_id = m.reward_id order by archive desc limit 1) o on true;

  insert into opening_cashout_positions (archive, cashout_id, reserved, in_payout, paid, returned, bounced)
  select number, m.cashout_id, coalesce(o.reserved, 0) + m.reserved, coalesce(o.in_payout, 0) + m.in_payout,
    coalesce(o.paid, 0) + m.paid, coalesce(o.returned, 0) + m.returned, coalesce(o.bounced, 0) + m.bounced
  from (
    select cashout_id, coalesce(sum(amount) filter (where source is null), 0)::bigint as reserved,
      sum(case 'in_payout' when target then amount when source then -amount else 0 end)::bigint as in_payout,
      sum(case 'paid' when target then amount when source then -amount else 0 end)::bigint as paid,
      sum(case 'returned' when target then amount else 0 end)::bigint as returned,
      sum(case 'bounced' when target then amount else 0 end)::bigint as bounced
    from positions_moved(since, until) where moves = 'cashout' group by cashout_id
  ) m
  left join lateral (select * from opening_cashout_positions where cashout_id = m.cashout_id order by archive desc limit 1) o on true;
end $$;

-- What each transfer of some time did to the position of its reward or cashout.
create function positions_moved(since timestamptz, until timestamptz)
returns table (reward_id uuid, cashout_id uuid, amount bigint, moves text, source text, target text)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select t.reward_id, t.cashout_id, t.amount, m.position_of, m.position_from, m.position_to
  from transfers t
  join accounts d on d.id = t.debit_account
  join accounts c on c.id = t.credit_account
  join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
  where t.posted_at >= since and t.posted_at < until and m.position_of is not null
$$;

revoke execute on function archive_ledger(timestamptz, text, bytea, bigint, bigint) from public;
revoke execute on function write_openings(int, timestamptz, timestamptz) from public;

-- As ledger_0040_positions has it, from the newest opening balance on: what is older is in the archives.
create or replace function position_as_of(account bigint, instant timestamptz, out version bigint, out balance bigint)
language plpgsql stable parallel safe
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  low_time timestamptz := '-infinity';
  high bigint;
  middle bigint;
  middle_time timestamptz;
begin
  select o.version, o.balance into version, balance
  from opening_balances o where o.account_id = account order by o.archive desc limit 1;
  if not found then
    version := 0;
    balance := 0;
  end if;
  select b.version into high from balances b where b.account_id = account;
  while version < high loop
    middle := (version + high + 1) / 2;
    select e.posted_at into middle_time from ledger_entries e
    where e.account_id = account and e.version = middle and e.posted_at between low_time and instant;
    if found then
      version := middle;
      low_time := middle_time;
    else
      high := middle - 1;
    end if;
  end loop;
  if low_time > '-infinity' then
    select e.balance_after into strict balance from ledger_entries e
    where e.account_id = account and e.version = position_as_of.version and e.posted_at = low_time;
  end if;
end $$;

-- As ledger_0041_effective_balances has it, and without what was archived before it happened.
create or replace function balance_in_effect(account bigint, instant timestamptz) returns bigint
language plpgsql stable parallel safe
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
-- Days of the two intervals are 24 hours long; where there is a summer time, they would not be.
set timezone = 'UTC'
as $$
declare
  account_sign smallint;
  lateness interval;
  earliness interval;
  recorded record;
  first_version bigint;
  last_version bigint;
  late bigint := 0;
  early bigint := 0;
  archived_early bigint := 0;
begin
  select sign, max_lateness, max_earliness into account_sign, lateness, earliness from balances where account_id = account;
  recorded := position_as_of(account, instant);
  if lateness > interval '0' then
    last_version := (position_as_of(account, instant + lateness)).version;
    select coalesce(sum(case side when 'C' then amount else -amount end), 0) into late from ledger_entries
    where account_id = account and version > recorded.version and version <= last_version
      and posted_at > instant and posted_at <= instant + lateness and effective_at <= instant;
  end if;
  if earliness > interval '0' then
    -- An instant can lie so far ahead that the time as long before is none that there is.
    earliness := least(earliness, instant - timestamptz '0001-01-01 BC');
    first_version := (position_as_of(account, instant - earliness)).version;
    select coalesce(sum(case side when 'C' then amount else -amount end), 0) into early from ledger_entries
    where account_id = account and version > first_version and version <= recorded.version
      and posted_at > instant - earliness and posted_at <= instant and effective_at > instant;
    select coalesce(sum(change), 0) into archived_early from opening_early_entries
    where account_id = account and effective_at > instant;
  end if;
  return coalesce(recorded.balance, 0) + account_sign * (late - early) - archived_early;
end $$;
