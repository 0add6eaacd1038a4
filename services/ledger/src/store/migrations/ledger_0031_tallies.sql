-- What a source says of a day: how many of each kind it asked for, and their sum. Compared with the causes of that day.
create table tallies (
  source text not null constraint tallies_come_from_a_known_source check (source in ('rewards', 'payouts')),
  day date not null,
  id uuid not null,
  heard_at timestamptz not null,
  primary key (source, day)
);

create table tally_lines (
  source text not null,
  day date not null,
  kind text not null,
  currency text not null,
  count bigint not null constraint tally_lines_count_something check (count > 0),
  amount numeric not null constraint tally_lines_have_no_negative_amount check (amount >= 0),
  primary key (source, day, kind, currency),
  constraint tally_lines_are_of_a_tally foreign key (source, day) references tallies (source, day)
);

select keep_append_only(array['tallies', 'tally_lines']);

grant select, insert on tallies, tally_lines to :"service_role";

-- The day (UTC) inside a UUIDv7: its first 48 bits are milliseconds since 1970.
create function day_of_uuid(id uuid) returns date
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select (to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) at time zone 'utc')::date
$$;
