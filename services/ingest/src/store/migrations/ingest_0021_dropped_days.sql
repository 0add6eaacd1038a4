-- Days of the journal that are no longer kept, and what remains of them.
create table dropped_days (
  day date primary key,
  events bigint not null,
  -- Where the day was written to before, and the SHA-256 of that file; null where no archive was wanted.
  archive text,
  archive_sha256 text,
  dropped_at timestamptz not null default now(),
  constraint dropped_days_know_their_archive check ((archive is null) = (archive_sha256 is null))
);

create table digests_of_dropped_days (
  day date not null references dropped_days,
  source text not null,
  count bigint not null,
  sha256 text not null,
  constraint digests_of_dropped_days_one_per_source primary key (day, source)
);

grant select on dropped_days, digests_of_dropped_days to :"service_role";

-- Lets a whole day of the journal go: events, effects, statuses. Their webhook ids stay known, so a repetition is still one.
-- The service may ask for it; what it may not do is decided here: the last 30 days stay whatever it asks, and so does a day
-- with events that are not published yet, or deferred. Says how many events went, or why none did.
create function drop_journal_day(
  dropped date, expected bigint, digests jsonb, archive text, archive_sha256 text, out events bigint, out kept_because text
) language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  suffix text := to_char(dropped, 'YYYYMMDD');
  parent text;
  is_waiting boolean;
begin
  if dropped >= (now() at time zone 'utc')::date - 30 then
    kept_because := 'younger_than_30_days';
    return;
  end if;
  if to_regclass(format('public.webhook_events_%s', suffix)) is null then
    kept_because := 'not_there';
    return;
  end if;
  -- Rather try again at the next turn than make writers queue behind us.
  perform set_config('lock_timeout', '500ms', true);
  foreach parent in array array['webhook_events', 'effects', 'event_statuses'] loop
    execute format('lock table public.%I in access exclusive mode', parent || '_' || suffix);
  end loop;
  execute format('select count(*) from public.%I', 'webhook_events_' || suffix) into events;
  if events <> expected then
    kept_because := 'changed_meanwhile';
    return;
  end if;
  execute format(
    'select exists (select from public.%I row left join relay_checkpoints checkpoint on checkpoint.stream = ''journal''
       where row.disposition = ''publish''
         and (checkpoint.stream is null or (row.xid, row.seq) > (checkpoint.xid, checkpoint.seq)))',
    'webhook_events_' || suffix) into is_waiting;
  if is_waiting then
    kept_because := 'not_published';
    return;
  end if;
  execute format('select exists (select from public.%I where status = ''deferred'')', 'event_statuses_' || suffix)
    into is_waiting;
  if is_waiting then
    kept_because := 'deferred';
    return;
  end if;
  insert into dropped_days (day, events, archive, archive_sha256) values (dropped, events, archive, archive_sha256);
  insert into digests_of_dropped_days (day, source, count, sha256)
    select dropped, d.source, d.count, d.sha256 from jsonb_to_recordset(digests) as d (source text, count bigint, sha256 text);
  foreach parent in array array['webhook_events', 'effects', 'event_statuses'] loop
    execute format('drop table public.%I', parent || '_' || suffix);
  end loop;
end $$;

revoke execute on function drop_journal_day(date, bigint, jsonb, text, text) from public;
grant execute on function drop_journal_day(date, bigint, jsonb, text, text) to :"service_role";
