-- What is written stays: refused for every role, the owner of the tables too. A superuser can switch triggers off;
-- the hash chain is there to show it.
create function refuse_to_change_history() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '% of % refused: what is posted stays, post a compensating transfer instead', tg_op, tg_table_name
    using errcode = 'restrict_violation';
end $$;

create function keep_append_only(tables text[]) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  name text;
begin
  foreach name in array tables loop
    execute format('create trigger %1$I before update or delete on public.%2$I
      for each row execute function refuse_to_change_history()', name || '_are_never_changed', name);
    execute format('create trigger %1$I before truncate on public.%2$I
      for each statement execute function refuse_to_change_history()', name || '_are_never_emptied', name);
  end loop;
end $$;

select keep_append_only(array['transfers', 'ledger_entries', 'accounts', 'causes', 'cause_conflicts', 'batches']);

-- Everything that follows from a transfer follows by itself, whoever inserts it: it is checked against the permitted
-- movements, and its two entries, the balances and the reward's position are written. So a transfer without its entries, or
-- entries without their transfer, cannot come to be. It works on all rows of an INSERT at once: a trigger for each row would cost
-- more than the insert itself.
-- `offset 0` keeps the planner from turning a look-up by key around: its plan may date from when accounts was small, and
-- walking all accounts for each batch cost 30 ms at 3,000 of them.
create function carry_out_transfers() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  asked bigint;
  permitted bigint;
  moves_rewards boolean;
  written bigint;
  without_position bigint;
begin
  select count(*), coalesce(bool_or(kind <> 'earn'), false) into asked, moves_rewards from inserted;

  with permitted_transfers as materialized (
    select t.reward_id, t.currency, t.amount, c.user_id, m.position_from, m.position_to
    from inserted t
    cross join lateral (select kind, user_id, currency from accounts where id = t.debit_account offset 0) d
    cross join lateral (select kind, user_id, currency from accounts where id = t.credit_account offset 0) c
    join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    where d.currency = t.currency and c.currency = t.currency
      and (not m.same_owner or d.user_id is not distinct from c.user_id)
  ), granted as (
    insert into reward_positions (reward_id, user_id, currency, granted, pending)
    select reward_id, user_id, currency, amount, amount from permitted_transfers
    where position_from is null and position_to = 'pending'
  )
  select count(*) into permitted from permitted_transfers;
  if permitted <> asked then
    raise exception 'transfers only make permitted movements, in one currency'
      using errcode = 'check_violation', constraint = 'transfers_are_permitted_movements';
  end if;
  if moves_rewards then
    -- A reward's position is the fold of its transfers; permitted_movements says what each does to it.
    with moved as (
      select t.reward_id,
        sum(case 'pending' when m.position_to then t.amount when m.position_from then -t.amount else 0 end)::bigint as pending,
        sum(case 'held' when m.position_to then t.amount when m.position_from then -t.amount else 0 end)::bigint as held,
        sum(case 'released' when m.position_to then t.amount when m.position_from then -t.amount else 0 end)::bigint as released,
        sum(case 'reversed' when m.position_to then t.amount else 0 end)::bigint as reversed
      from inserted t
      cross join lateral (select kind, user_id, currency from accounts where id = t.debit_account offset 0) d
      cross join lateral (select kind, user_id, currency from accounts where id = t.credit_account offset 0) c
      join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
      where m.position_from is not null
      group by t.reward_id
    ), found as (
      update reward_positions p
      set pending = p.pending + moved.pending, held = p.held + moved.held, released = p.released + moved.released,
        reversed = p.reversed + moved.reversed
      from moved where p.reward_id = moved.reward_id
      returning 1
    )
    select (select count(*) from moved) - (select count(*) from found) into without_position;
    if without_position <> 0 then
      raise exception 'a movement of a reward needs its position'
        using errcode = 'check_violation', constraint = 'reward_movements_have_a_position';
    end if;
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
    select account_id, sum(debit)::bigint as debits, sum(credit)::bigint as credits, count(*) as entries
    from (
      select debit_account as account_id, amount as debit, 0 as credit from inserted
      union all
      select credit_account, 0, amount from inserted
    ) sides
    group by account_id
  )
  update balances b
  set debits = b.debits + folded.debits, credits = b.credits + folded.credits, version = b.version + folded.entries
  from folded where b.account_id = folded.account_id;
  return null;
end $$;

create trigger transfers_are_carried_out after insert on transfers referencing new table as inserted
  for each statement execute function carry_out_transfers();

create function refuse_loose_entries() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  -- 1 is this trigger alone; the entries of a transfer are written by a trigger of transfers.
  if pg_trigger_depth() < 2 then
    raise exception 'an entry is only written as a side of its transfer'
      using errcode = 'check_violation', constraint = 'ledger_entries_are_sides_of_transfers';
  end if;
  return null;
end $$;

create trigger ledger_entries_are_sides_of_transfers before insert on ledger_entries
  for each statement execute function refuse_loose_entries();

-- Statement triggers of a partitioned table do not see what is written to a partition directly.
create function refuse_writes_to_partition() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '% on the partition % refused', tg_op, tg_table_name using errcode = 'restrict_violation';
end $$;

-- Makes the partitions of the coming months and puts the guards on them; answers how many months are ready.
create function prepare_ledger_partitions(months_ahead int) returns int
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  partition regclass;
  ready int;
begin
  ready := least(ensure_partitions('transfers', 'month', months_ahead),
    ensure_partitions('ledger_entries', 'month', months_ahead));
  for partition in
    select inhrelid::regclass from pg_inherits
    where inhparent in ('public.transfers'::regclass, 'public.ledger_entries'::regclass)
      and not exists (select from pg_trigger where tgrelid = inhrelid and tgname = 'partitions_are_written_through_their_table')
  loop
    execute format('create trigger partitions_are_written_through_their_table before insert or truncate on %s
      for each statement execute function refuse_writes_to_partition()', partition);
  end loop;
  return ready;
end $$;

select prepare_ledger_partitions(3);

revoke execute on function prepare_ledger_partitions(int) from public;
revoke execute on function keep_append_only(text[]) from public;
grant execute on function prepare_ledger_partitions(int) to :"service_role";
