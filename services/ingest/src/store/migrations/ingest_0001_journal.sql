-- Every accepted webhook, in the bytes it came in. Never updated. It is also ingest's first stream of messages: the
-- relay publishes its rows in the order of (xid, seq), so accepting a webhook writes it once.
create sequence webhook_events_seq;

create table webhook_events (
  -- A UUIDv7; its time is received_at, so a time range is a range of ids and prunes partitions.
  event_id uuid not null,
  xid xid8 not null default pg_current_xact_id(),
  seq bigint not null default nextval('webhook_events_seq'),
  recorded_at timestamptz not null default now(),
  received_at timestamptz not null,
  -- When it took effect, as its sender says where that can be believed.
  time timestamptz not null,
  source text not null,
  webhook_id text not null,
  -- As the sender named it. Types other than the known ones are published as custom.<type>.
  type text not null,
  traceparent text,
  body bytea not null,
  constraint webhook_events_are_known_by_their_id primary key (event_id)
) partition by range (event_id);

create index webhook_events_in_relay_order on webhook_events (xid, seq);

select ensure_partitions('webhook_events', 'uuid-day', 3);

-- What makes a webhook one webhook, for ever: not partitioned, so the key holds over all time.
create table idempotency_keys (
  source text not null,
  webhook_id text not null,
  -- SHA-256 of the body: the same id with another body is a conflict, not a duplicate.
  body_sha256 bytea not null,
  event_id uuid not null,
  constraint idempotency_keys_name_each_webhook_once primary key (source, webhook_id)
);

grant select, insert on webhook_events, idempotency_keys to :"service_role";
grant usage on sequence webhook_events_seq to :"service_role";
