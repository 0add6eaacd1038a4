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

create table inbox (
  message_id uuid not null,
  constraint inbox_handles_each_message_once PRIMARY KEY (message_id)
) partition by RANGE (message_id);
grant delete, insert, select on inbox to service;

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

create table relay_checkpoints (
  stream text not null,
  xid xid8 not null,
  seq bigint not null,
  system_identifier bigint not null,
  updated_at timestamp with time zone not null default now(),
  constraint relay_checkpoints_pkey PRIMARY KEY (stream)
) with (fillfactor=10);
grant insert, select, update on relay_checkpoints to service;

create table screenings (
  id uuid not null,
  subject text not null,
  subject_id uuid not null,
  revision integer not null,
  decision text not null,
  at timestamp with time zone not null,
  constraint screenings_decision_is_known CHECK ((decision = ANY (ARRAY['passed'::text, 'held'::text, 'failed'::text]))),
  constraint screenings_one_per_subject_and_revision UNIQUE (subject, subject_id, revision),
  constraint screenings_pkey PRIMARY KEY (id),
  constraint screenings_revision_counts_from_one CHECK ((revision >= 1)),
  constraint screenings_subject_is_known CHECK ((subject = ANY (ARRAY['reward'::text, 'cashout'::text, 'referral'::text])))
);
CREATE INDEX screenings_by_decision ON public.screenings USING btree (decision, id);
grant insert, select on screenings to service;

create sequence outbox_seq;
grant usage on sequence outbox_seq to service;

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
