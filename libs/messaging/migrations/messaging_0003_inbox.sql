-- The messages whose effects are committed. Split by the time inside the UUIDv7 ids, so that ids stay unique over
-- all partitions, a purge is a DROP, and an id older than the window is refused instead of silently handled again.
create table inbox (message_id uuid not null, constraint inbox_handles_each_message_once primary key (message_id))
  partition by range (message_id);

select ensure_partitions('inbox', 'uuid-day', 3);

grant insert, select, delete on inbox to :"service_role";

-- Messages that wait for a person.
create table parked_messages (
  id uuid primary key,
  message_id uuid constraint parked_messages_hold_each_message_once unique,
  subject uuid,
  type text not null,
  source text,
  time timestamptz,
  correlation_id uuid,
  causation_id uuid,
  traceparent text,
  payload bytea not null,
  reason text not null,
  attempts int not null,
  parked_at timestamptz not null,
  status text not null default 'parked'
    constraint parked_messages_have_a_known_status check (status in ('parked', 'replayed', 'discarded')),
  settled_at timestamptz,
  settled_by text,
  settled_why text
);

create index parked_messages_by_status on parked_messages (status, parked_at);

grant select, insert on parked_messages to :"service_role";
grant update (status, settled_at, settled_by, settled_why) on parked_messages to :"service_role";
