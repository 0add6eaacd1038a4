-- Keeps the partitions of an append-only table ahead of time. A partition is made apart and then attached, since
-- CREATE TABLE ... PARTITION OF would lock the parent against every reader while it waits for its turn.
-- kind: 'day' (a date column), 'month' (a timestamptz column), 'uuid-day' (a UUIDv7 column, split by its time).
-- Answers how many periods after the current one exist.
create function ensure_partitions(parent text, kind text, ahead int, behind int default 2) returns int
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  step interval := case kind when 'month' then interval '1 month' else interval '1 day' end;
  this_period timestamp := date_trunc(case kind when 'month' then 'month' else 'day' end, now() at time zone 'utc');
  starts timestamp;
  partition text;
begin
  if kind not in ('day', 'month', 'uuid-day') then
    raise exception 'unknown kind of partition: %', kind;
  end if;
  -- One at a time: two processes must not make the same partition twice.
  perform pg_advisory_xact_lock(hashtextextended('ensure_partitions:' || parent, 0));
  for period in -behind .. ahead loop
    starts := this_period + period * step;
    partition := parent || '_' || to_char(starts, case kind when 'month' then 'YYYYMM' else 'YYYYMMDD' end);
    continue when to_regclass(format('public.%I', partition)) is not null;
    execute format('create table public.%I (like public.%I including all)', partition, parent);
    execute format('alter table public.%I attach partition public.%I for values from (%L) to (%L)',
      parent, partition, partition_bound(kind, starts), partition_bound(kind, starts + step));
  end loop;
  return ahead;
end $$;

create function partition_bound(kind text, at timestamp) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case kind
    when 'day' then to_char(at, 'YYYY-MM-DD')
    when 'month' then to_char(at, 'YYYY-MM-DD') || ' 00:00:00+00'
    -- The first 48 bits of a UUIDv7 are milliseconds since 1970.
    else regexp_replace(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0'), '^(.{8})(.{4})$',
      '\1-\2-0000-0000-000000000000')
  end
$$;

revoke execute on function ensure_partitions(text, text, int, int) from public;
grant execute on function ensure_partitions(text, text, int, int) to :"service_role";
