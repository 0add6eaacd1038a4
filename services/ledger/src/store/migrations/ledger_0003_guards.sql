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

-- Looks at all rows of an INSERT at once: a trigger for each row would cost about as much as the insert itself.
create function refuse_unpermitted_transfers() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (
    select from inserted t
    left join accounts d on d.id = t.debit_account
    left join accounts c on c.id = t.credit_account
    left join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    where m.kind is null
      or d.currency <> t.currency or c.currency <> t.currency
      or (m.same_owner and d.user_id is distinct from c.user_id)
  ) then
    raise exception 'transfers only make permitted movements, in one currency'
      using errcode = 'check_violation', constraint = 'transfers_are_permitted_movements';
  end if;
  return null;
end $$;

create function refuse_entries_without_transfer() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if exists (
    select from inserted e
    left join transfers t on t.id = e.transfer_id and t.posted_at = e.posted_at
    where t.id is null or t.amount <> e.amount or t.effective_at <> e.effective_at
      or e.account_id <> case e.side when 'D' then t.debit_account else t.credit_account end
  ) then
    raise exception 'an entry is a side of its transfer'
      using errcode = 'check_violation', constraint = 'ledger_entries_are_sides_of_transfers';
  end if;
  return null;
end $$;

-- Statement triggers are not inherited, so that each partition needs its own against those who write to it directly.
create function guard_inserts(target text, guard text) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  execute format('create trigger %1$I after insert on public.%2$I referencing new table as inserted
    for each statement execute function public.%3$I()', target || '_are_checked', target, guard);
end $$;

select guard_inserts('transfers', 'refuse_unpermitted_transfers');
select guard_inserts('ledger_entries', 'refuse_entries_without_transfer');

-- Makes the partitions of the coming months and puts the guards on them; answers how many months are ready.
create function prepare_ledger_partitions(months_ahead int) returns int
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  partition record;
  ready int;
begin
  ready := least(ensure_partitions('transfers', 'month', months_ahead),
    ensure_partitions('ledger_entries', 'month', months_ahead));
  for partition in
    select child.relname::text as name,
      case parent.relname when 'transfers' then 'refuse_unpermitted_transfers' else 'refuse_entries_without_transfer' end as guard
    from pg_inherits
    join pg_class child on child.oid = inhrelid
    join pg_class parent on parent.oid = inhparent
    where inhparent in ('public.transfers'::regclass, 'public.ledger_entries'::regclass)
      and not exists (select from pg_trigger where tgrelid = child.oid and tgname = child.relname || '_are_checked')
  loop
    perform guard_inserts(partition.name, partition.guard);
    execute format('create trigger %1$I before truncate on public.%2$I
      for each statement execute function refuse_to_change_history()', partition.name || '_are_never_emptied', partition.name);
  end loop;
  return ready;
end $$;

select prepare_ledger_partitions(3);

revoke execute on function prepare_ledger_partitions(int) from public;
revoke execute on function keep_append_only(text[]) from public;
revoke execute on function guard_inserts(text, text) from public;
grant execute on function prepare_ledger_partitions(int) to :"service_role";
