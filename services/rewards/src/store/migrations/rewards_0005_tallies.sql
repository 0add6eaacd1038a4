-- What each day (UTC) had in reward transactions, as it was said once: whoever acts on them can prove that none was lost.
create table tallies (
  day date primary key,
  id uuid not null,
  tallied_at timestamptz not null,
  lines jsonb not null
);

create trigger tallies_are_append_only before update or delete on tallies
  for each row execute function refuse_change();
create trigger tallies_are_never_emptied before truncate on tallies
  for each statement execute function refuse_change();

grant select, insert on tallies to :"service_role";

-- The day (UTC) inside a UUIDv7: its first 48 bits are milliseconds since 1970.
create function day_of_uuid(id uuid) returns date
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select (to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) at time zone 'utc')::date
$$;

-- Ids ascend with time, so a summary of each 32 pages finds a day's transactions, at next to no cost for who writes.
create index reward_transactions_by_day on reward_transactions using brin (id)
  with (pages_per_range = 32, autosummarize = on);
