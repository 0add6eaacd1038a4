-- Drops whole partitions of transport tables that are older than a day. Only inbox and outbox: money stays.
-- A day of the outbox goes only once the relay has passed its last row.
create function drop_partitions_before(parent text, bound date) returns int
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  partition record;
  waiting boolean;
  dropped int := 0;
begin
  if parent not in ('inbox', 'outbox') then
    raise exception 'partitions of % are kept', parent;
  end if;
  -- Rather try again at the next turn than make writers queue behind us.
  perform set_config('lock_timeout', '500ms', true);
  for partition in
    select child.relname as name from pg_inherits
    join pg_class child on child.oid = inhrelid
    where inhparent = format('public.%I', parent)::regclass
      and right(child.relname, 8) < to_char(bound, 'YYYYMMDD')
    order by child.relname
  loop
    if parent = 'outbox' then
      execute format(
        'select exists (select from public.%I row
           left join relay_checkpoints checkpoint on checkpoint.stream = ''outbox''
           where checkpoint.stream is null or (row.xid, row.seq) > (checkpoint.xid, checkpoint.seq))',
        partition.name) into waiting;
      continue when waiting;
    end if;
    execute format('drop table public.%I', partition.name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;

revoke execute on function drop_partitions_before(text, date) from public;
grant execute on function drop_partitions_before(text, date) to :"service_role";
