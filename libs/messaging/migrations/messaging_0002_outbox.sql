-- What leaves the service, written in the transaction that caused it. Never updated; whole days are dropped.
create sequence outbox_seq;

create table outbox (
  xid xid8 not null default pg_current_xact_id(),
  seq bigint not null default nextval('outbox_seq'),
  recorded_on date not null default (now() at time zone 'utc')::date,
  recorded_at timestamptz not null default now(),
  message_id uuid not null,
  subject uuid not null,
  type text not null,
  time timestamptz not null,
  correlation_id uuid not null,
  causation_id uuid not null,
  traceparent text,
  -- A queue of our own, for replays; null for everyone who listens.
  destination text,
  payload text not null
) partition by range (recorded_on);

create index outbox_in_relay_order on outbox (xid, seq);

-- How far the relay has published each stream. One row a stream, updated in place.
create table relay_checkpoints (
  stream text primary key,
  xid xid8 not null,
  seq bigint not null,
  -- A restored dump starts a new count of transactions; the cursor would then skip or stall. The relay refuses.
  system_identifier bigint not null,
  updated_at timestamptz not null default now()
) with (fillfactor = 10);

select ensure_partitions('outbox', 'day', 3);

grant insert, select on outbox to :"service_role";
grant usage on sequence outbox_seq to :"service_role";
grant select, insert, update on relay_checkpoints to :"service_role";
