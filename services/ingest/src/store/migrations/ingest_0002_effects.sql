-- What became of an event, as the other services tell it. Rows are added, never changed.
create sequence effects_seq;

create table effects (
  -- The sender's event; partitioned like the journal, so a look-up prunes.
  event_id uuid not null,
  -- The message that told us: told again, it adds nothing.
  subject uuid not null,
  kind text not null,
  id uuid not null,
  -- In the order of hearing.
  seq bigint not null default nextval('effects_seq'),
  service text not null,
  outcome text not null,
  reason text,
  at timestamptz not null,
  constraint effects_are_recorded_once primary key (event_id, subject, kind, id)
) partition by range (event_id);

select ensure_partitions('effects', 'uuid-day', 3);

-- Where an event stands, once anything was heard about it; no row means received. The highest revision counts.
create table event_statuses (
  event_id uuid not null,
  status text not null
    constraint event_statuses_are_known check (status in ('processed', 'ignored', 'deferred', 'parked')),
  -- Of the decision; 0 where there is none.
  revision int not null
    constraint event_statuses_count_revisions_from_zero check (revision >= 0),
  constraint event_statuses_one_per_event primary key (event_id)
) partition by range (event_id);

-- Nearly all are processed; the others are what people look for.
create index event_statuses_that_need_a_look on event_statuses (status, event_id) where status <> 'processed';

select ensure_partitions('event_statuses', 'uuid-day', 3);

grant select, insert on effects to :"service_role";
grant usage on sequence effects_seq to :"service_role";
grant select, insert, update (status, revision) on event_statuses to :"service_role";
