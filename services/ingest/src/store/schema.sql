create table adapter_secrets (
  name text not null,
  secret bytea,
  since timestamp with time zone not null,
  previous_secret bytea,
  previous_secret_ends_at timestamp with time zone,
  updated_by text not null,
  constraint adapter_secrets_pkey PRIMARY KEY (name),
  constraint adapter_secrets_previous_secret_has_an_end CHECK (((previous_secret IS NULL) = (previous_secret_ends_at IS NULL)))
);
grant insert, select, update on adapter_secrets to service;

create table command_keys (
  principal text not null,
  key text not null,
  fingerprint bytea not null,
  status integer,
  body text,
  headers jsonb,
  created_at timestamp with time zone not null,
  constraint command_keys_are_used_once PRIMARY KEY (principal, key)
);
CREATE INDEX command_keys_by_age ON public.command_keys USING btree (created_at);
grant delete, insert, select on command_keys to service;
grant update on command_keys (status) to service;
grant update on command_keys (body) to service;
grant update on command_keys (headers) to service;

create table digests_of_dropped_days (
  day date not null,
  source text not null,
  count bigint not null,
  sha256 text not null,
  constraint digests_of_dropped_days_day_fkey FOREIGN KEY (day) REFERENCES dropped_days(day),
  constraint digests_of_dropped_days_one_per_source PRIMARY KEY (day, source)
);
grant select on digests_of_dropped_days to service;

create table dropped_days (
  day date not null,
  events bigint not null,
  archive text,
  archive_sha256 text,
  dropped_at timestamp with time zone not null default now(),
  constraint dropped_days_know_their_archive CHECK (((archive IS NULL) = (archive_sha256 IS NULL))),
  constraint dropped_days_pkey PRIMARY KEY (day)
);
grant select on dropped_days to service;

create table effects (
  event_id uuid not null,
  subject uuid not null,
  kind text not null,
  id uuid not null,
  seq bigint not null default nextval('effects_seq'::regclass),
  service text not null,
  outcome text not null,
  reason text,
  at timestamp with time zone not null,
  constraint effects_are_recorded_once PRIMARY KEY (event_id, subject, kind, id)
) partition by RANGE (event_id);
grant insert, select on effects to service;

create table erasures (
  user_id uuid not null,
  external_user_id text,
  asked_at timestamp with time zone not null,
  up_to uuid not null,
  after uuid not null default '00000000-0000-0000-0000-000000000000'::uuid,
  pass integer not null default 1,
  invoice_ids text[] not null default '{}'::text[],
  erased integer not null default 0,
  done_at timestamp with time zone,
  constraint erasures_forget_whom_they_forgot CHECK (((done_at IS NULL) OR ((external_user_id IS NULL) AND (invoice_ids = '{}'::text[])))),
  constraint erasures_pkey PRIMARY KEY (user_id)
);
CREATE INDEX erasures_to_do ON public.erasures USING btree (asked_at) WHERE (done_at IS NULL);
grant insert, select on erasures to service;

create table event_statuses (
  event_id uuid not null,
  status text not null,
  revision integer not null,
  constraint event_statuses_are_known CHECK ((status = ANY (ARRAY['received'::text, 'processed'::text, 'ignored'::text, 'deferred'::text, 'parked'::text]))),
  constraint event_statuses_count_revisions_from_the_intake CHECK ((revision >= '-1'::integer)),
  constraint event_statuses_one_per_event PRIMARY KEY (event_id)
) partition by RANGE (event_id);
CREATE INDEX event_statuses_that_need_a_look ON ONLY public.event_statuses USING btree (status, event_id) WHERE (status <> 'processed'::text);
grant insert, select on event_statuses to service;
grant update on event_statuses (status) to service;
grant update on event_statuses (revision) to service;

create table heard_configs (
  id integer not null default 1,
  version integer not null,
  plan text not null,
  config jsonb not null,
  heard_at timestamp with time zone not null,
  constraint heard_configs_hold_one_row CHECK ((id = 1)),
  constraint heard_configs_pkey PRIMARY KEY (id),
  constraint heard_configs_plan_is_known CHECK ((plan = ANY (ARRAY['free'::text, 'growth'::text, 'pro'::text, 'enterprise'::text])))
);
grant insert, select, update on heard_configs to service;

create table idempotency_keys (
  source text not null,
  webhook_id text not null,
  body_sha256 bytea not null,
  event_id uuid not null,
  constraint idempotency_keys_name_each_webhook_once PRIMARY KEY (source, webhook_id)
);
grant insert, select on idempotency_keys to service;

create table inbox (
  message_id uuid not null,
  constraint inbox_handles_each_message_once PRIMARY KEY (message_id)
) partition by RANGE (message_id);
grant delete, insert, select on inbox to service;

create table intake_processes (
  id uuid not null,
  seen_at timestamp with time zone not null,
  constraint intake_processes_pkey PRIMARY KEY (id)
);
grant delete, insert, select, update on intake_processes to service;

create table journal_replays (
  message_id uuid not null,
  event_id uuid not null,
  replay_id uuid not null,
  xid xid8 not null default pg_current_xact_id(),
  seq bigint not null default nextval('journal_replays_seq'::regclass),
  recorded_at timestamp with time zone not null default now(),
  constraint journal_replays_pkey PRIMARY KEY (message_id),
  constraint journal_replays_replay_id_fkey FOREIGN KEY (replay_id) REFERENCES replays(id)
);
CREATE INDEX journal_replays_in_relay_order ON public.journal_replays USING btree (xid, seq);
grant insert, select on journal_replays to service;

create table outbox (
  xid xid8 not null default pg_current_xact_id(),
  seq bigint not null default nextval('outbox_seq'::regclass),
  recorded_on date not null default ((now() AT TIME ZONE 'utc'::text))::date,
  recorded_at timestamp with time zone not null default now(),
  message_id uuid not null,
  subject uuid not null,
  type text not null,
  "time" timestamp with time zone not null,
  correlation_id uuid not null,
  causation_id uuid not null,
  traceparent text,
  destination text,
  payload text not null
) partition by RANGE (recorded_on);
CREATE INDEX outbox_in_relay_order ON ONLY public.outbox USING btree (xid, seq);
grant insert, select on outbox to service;

create table parked_messages (
  id uuid not null,
  message_id uuid,
  subject uuid,
  type text not null,
  source text,
  "time" timestamp with time zone,
  correlation_id uuid,
  causation_id uuid,
  traceparent text,
  payload bytea not null,
  reason text not null,
  attempts integer not null,
  parked_at timestamp with time zone not null,
  status text not null default 'parked'::text,
  settled_at timestamp with time zone,
  settled_by text,
  settled_why text,
  constraint parked_messages_have_a_known_status CHECK ((status = ANY (ARRAY['parked'::text, 'replayed'::text, 'discarded'::text]))),
  constraint parked_messages_hold_each_message_once UNIQUE (message_id),
  constraint parked_messages_pkey PRIMARY KEY (id)
);
CREATE INDEX parked_messages_by_status ON public.parked_messages USING btree (status, parked_at);
grant insert, select on parked_messages to service;
grant update on parked_messages (status) to service;
grant update on parked_messages (settled_at) to service;
grant update on parked_messages (settled_by) to service;
grant update on parked_messages (settled_why) to service;

create table provider_references (
  source text not null,
  name text not null,
  means text not null,
  constraint provider_references_mean_one_thing PRIMARY KEY (source, name)
);
grant insert, select on provider_references to service;

create table quota_leases (
  process uuid not null,
  month date not null,
  units integer not null,
  expires_at timestamp with time zone not null,
  constraint quota_leases_are_not_negative CHECK ((units >= 0)),
  constraint quota_leases_one_per_process_and_month PRIMARY KEY (process, month)
);
grant delete, insert, select, update on quota_leases to service;

create table quota_notices (
  month date not null,
  quota bigint not null,
  percent integer not null,
  at timestamp with time zone not null,
  constraint quota_notices_are_told_once PRIMARY KEY (month, quota, percent)
);
grant insert, select on quota_notices to service;

create table relay_checkpoints (
  stream text not null,
  xid xid8 not null,
  seq bigint not null,
  system_identifier bigint not null,
  updated_at timestamp with time zone not null default now(),
  constraint relay_checkpoints_pkey PRIMARY KEY (stream)
) with (fillfactor=10);
grant insert, select, update on relay_checkpoints to service;

create table replays (
  id uuid not null,
  requested_at timestamp with time zone not null,
  requested_by text not null,
  reason text,
  kind text not null,
  event_id uuid,
  forced_event_id uuid,
  from_id uuid,
  to_id uuid,
  type text,
  source text,
  status text,
  events_per_second integer,
  state text not null,
  last_event_id uuid,
  next_step_at timestamp with time zone not null,
  replayed integer not null default 0,
  left_out integer not null default 0,
  ended_at timestamp with time zone,
  cancelled_by text,
  constraint replays_are_in_a_known_state CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'cancelled'::text]))),
  constraint replays_are_of_a_known_kind CHECK ((kind = ANY (ARRAY['event'::text, 'range'::text, 'force'::text]))),
  constraint replays_end_once CHECK (((state = 'running'::text) = (ended_at IS NULL))),
  constraint replays_name_one_event_or_a_range CHECK (((kind = 'range'::text) = (event_id IS NULL))),
  constraint replays_of_a_range_have_bounds CHECK (((kind = 'range'::text) = ((from_id IS NOT NULL) AND (to_id IS NOT NULL) AND (events_per_second IS NOT NULL)))),
  constraint replays_pkey PRIMARY KEY (id),
  constraint replays_that_force_make_an_event CHECK (((kind = 'force'::text) = (forced_event_id IS NOT NULL)))
);
CREATE UNIQUE INDEX replays_make_an_event_once ON public.replays USING btree (forced_event_id) WHERE (kind = 'force'::text);
CREATE INDEX replays_that_force ON public.replays USING btree (event_id) WHERE (kind = 'force'::text);
CREATE INDEX replays_that_run ON public.replays USING btree (next_step_at) WHERE (state = 'running'::text);
grant insert, select on replays to service;
grant update on replays (state) to service;
grant update on replays (last_event_id) to service;
grant update on replays (next_step_at) to service;
grant update on replays (replayed) to service;
grant update on replays (left_out) to service;
grant update on replays (ended_at) to service;
grant update on replays (cancelled_by) to service;

create table system_configs (
  id integer not null default 1,
  version integer not null,
  plan text not null,
  webhook_secret bytea not null,
  webhook_secret_since timestamp with time zone not null,
  previous_webhook_secret bytea,
  previous_webhook_secret_ends_at timestamp with time zone,
  updated_at timestamp with time zone not null,
  updated_by text not null,
  enterprise_events_per_month bigint,
  constraint system_configs_events_per_month_are_countable CHECK (((enterprise_events_per_month >= 0) AND (enterprise_events_per_month <= '9007199254740991'::bigint))),
  constraint system_configs_hold_one_row CHECK ((id = 1)),
  constraint system_configs_pkey PRIMARY KEY (id),
  constraint system_configs_plan_is_known CHECK ((plan = ANY (ARRAY['free'::text, 'growth'::text, 'pro'::text, 'enterprise'::text]))),
  constraint system_configs_previous_secret_has_an_end CHECK (((previous_webhook_secret IS NULL) = (previous_webhook_secret_ends_at IS NULL)))
);
grant insert, select, update on system_configs to service;

create table usage_counts (
  month date not null,
  used integer not null,
  deferred integer not null,
  released integer not null
);
grant delete, insert, select on usage_counts to service;

create table usage_months (
  month date not null,
  used bigint not null,
  deferred bigint not null,
  released bigint not null,
  constraint usage_months_are_added_up_once PRIMARY KEY (month)
);
grant insert, select, update on usage_months to service;

create table webhook_events (
  event_id uuid not null,
  xid xid8 not null default pg_current_xact_id(),
  seq bigint not null default nextval('webhook_events_seq'::regclass),
  recorded_at timestamp with time zone not null default now(),
  received_at timestamp with time zone not null,
  "time" timestamp with time zone not null,
  source text not null,
  webhook_id text not null,
  type text not null,
  traceparent text,
  body bytea,
  headers text,
  payload text,
  disposition text not null default 'publish'::text,
  reason text,
  erased_at timestamp with time zone,
  constraint webhook_events_are_known_by_their_id PRIMARY KEY (event_id),
  constraint webhook_events_dispositions_are_known CHECK ((disposition = ANY (ARRAY['publish'::text, 'defer'::text, 'ignore'::text]))),
  constraint webhook_events_lose_their_body_by_erasure CHECK (((body IS NOT NULL) OR (erased_at IS NOT NULL))),
  constraint webhook_events_say_why_they_are_not_published CHECK (((disposition = 'publish'::text) OR (reason IS NOT NULL)))
) partition by RANGE (event_id);
CREATE INDEX webhook_events_in_relay_order ON ONLY public.webhook_events USING btree (xid, seq) WHERE (disposition = 'publish'::text);
grant insert, select on webhook_events to service;

create table webhook_rejections (
  id uuid not null,
  at timestamp with time zone not null,
  reason text not null,
  detail text,
  webhook_id text,
  body_sha256 bytea,
  body_bytes integer,
  source text not null default 'default'::text,
  constraint webhook_rejections_pkey PRIMARY KEY (id)
);
grant delete, insert, select on webhook_rejections to service;

create sequence effects_seq;
grant usage on sequence effects_seq to service;

create sequence journal_replays_seq;
grant usage on sequence journal_replays_seq to service;

create sequence outbox_seq;
grant usage on sequence outbox_seq to service;

create sequence webhook_events_seq;
grant usage on sequence webhook_events_seq to service;

CREATE OR REPLACE FUNCTION public.drop_journal_day(dropped date, expected bigint, digests jsonb, archive text, archive_sha256 text, OUT events bigint, OUT kept_because text)
 RETURNS record
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
end $function$
;
grant execute on function drop_journal_day(dropped date, expected bigint, digests jsonb, archive text, archive_sha256 text, OUT events bigint, OUT kept_because text) to service;

CREATE OR REPLACE FUNCTION public.drop_partitions_before(parent text, bound date)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
end $function$
;
grant execute on function drop_partitions_before(parent text, bound date) to service;

CREATE OR REPLACE FUNCTION public.ensure_partitions(parent text, kind text, ahead integer, behind integer DEFAULT 2)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
end $function$
;
grant execute on function ensure_partitions(parent text, kind text, ahead integer, behind integer) to service;

CREATE OR REPLACE FUNCTION public.erase_webhooks(person uuid, scanned integer, at timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  erasure erasures;
  ids uuid[];
  quoted bytea;
  found_ids uuid[];
  found_invoices text[];
begin
  select * into erasure from erasures where user_id = person for update;
  if not found or erasure.done_at is not null then return 'done'; end if;
  select array_agg(event_id) into ids from (
    select event_id from webhook_events
    where event_id > erasure.after and event_id < erasure.up_to order by event_id limit scanned) next;
  if ids is null then
    if erasure.pass = 1 and erasure.invoice_ids <> '{}' then
      update erasures set pass = 2, after = '00000000-0000-0000-0000-000000000000' where user_id = person;
      return 'more';
    end if;
    -- The message that asked for this may have been parked before.
    update parked_messages set payload = '{}'
      where type = 'member.erased' and position(convert_to(person::text, 'UTF8') in payload) > 0;
    update erasures set external_user_id = null, invoice_ids = '{}', done_at = at where user_id = person;
    return 'done';
  end if;
  if exists (
    select from webhook_events e left join relay_checkpoints c on c.stream = 'journal'
    where e.event_id = any(ids) and e.disposition = 'publish' and (c.stream is null or (e.xid, e.seq) > (c.xid, c.seq))
  ) then
    return 'waiting';
  end if;
  quoted := convert_to(to_json(erasure.external_user_id)::text, 'UTF8');
  select array_agg(event_id), array_agg(distinct invoice_id) filter (where invoice_id is not null)
    into found_ids, found_invoices
  from (
    select e.event_id, published_data(e.payload, e.body) ->> 'invoiceId' as invoice_id
    from webhook_events e
    where e.event_id = any(ids) and e.erased_at is null and (
      tells_of(erasure.external_user_id, e.payload, e.body)
      or (e.type in ('payment.refunded', 'payment.disputed')
        and published_data(e.payload, e.body) ->> 'invoiceId' = any(erasure.invoice_ids))
      or (e.disposition = 'ignore' and position(quoted in e.body) > 0))
  ) telling;
  update webhook_events set body = null, payload = null, headers = null, erased_at = at,
      disposition = case disposition when 'defer' then 'ignore' else disposition end,
      reason = case disposition when 'defer' then 'person_erased' else reason end
    where event_id = any(found_ids);
  update event_statuses set status = 'ignored' where event_id = any(found_ids) and status = 'deferred';
  update erasures set after = ids[array_upper(ids, 1)], erased = erased + coalesce(cardinality(found_ids), 0),
      invoice_ids = array(select distinct unnest(invoice_ids || coalesce(found_invoices, '{}')))
    where user_id = person;
  return 'more';
end $function$
;
grant execute on function erase_webhooks(person uuid, scanned integer, at timestamp with time zone) to service;

CREATE OR REPLACE FUNCTION public.partition_bound(kind text, at timestamp without time zone)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select case kind
    when 'day' then to_char(at, 'YYYY-MM-DD')
    when 'month' then to_char(at, 'YYYY-MM-DD') || ' 00:00:00+00'
    -- The first 48 bits of a UUIDv7 are milliseconds since 1970.
    else regexp_replace(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0'), '^(.{8})(.{4})$',
      '\1-\2-0000-0000-000000000000')
  end
$function$
;
grant execute on function partition_bound(kind text, at timestamp without time zone) to public;

CREATE OR REPLACE FUNCTION public.published_data(payload text, body bytea)
 RETURNS json
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return coalesce(payload::json, convert_from(body, 'UTF8')::json -> 'data');
exception when others then
  return null;
end $function$
;
grant execute on function published_data(payload text, body bytea) to public;

CREATE OR REPLACE FUNCTION public.tells_of(external_user_id text, payload text, body bytea)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if payload is null and position(convert_to(external_user_id, 'UTF8') in body) = 0 and position('\x5c'::bytea in body) = 0 then
    return false;
  end if;
  return coalesce(
    coalesce(payload::json, convert_from(body, 'UTF8')::json -> 'data') ->> 'externalUserId' = external_user_id, false);
exception when others then
  return false;
end $function$
;
grant execute on function tells_of(external_user_id text, payload text, body bytea) to public;
