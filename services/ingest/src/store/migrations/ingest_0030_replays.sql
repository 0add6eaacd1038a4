-- Who had what published again, when and why. Never deleted.
create table replays (
  id uuid primary key,
  requested_at timestamptz not null,
  requested_by text not null,
  reason text,
  kind text not null
    constraint replays_are_of_a_known_kind check (kind in ('event', 'range', 'force')),
  -- Of one event: which. Of a forced one: the first of its family, and the event that was made of it.
  event_id uuid,
  forced_event_id uuid,
  -- Of a range: events received from the one id up to before the other.
  from_id uuid,
  to_id uuid,
  type text,
  source text,
  status text,
  events_per_second int,
  state text not null
    constraint replays_are_in_a_known_state check (state in ('running', 'done', 'cancelled')),
  -- How far a range is done, and when its next step is due. A step commits with what it published.
  last_event_id uuid,
  next_step_at timestamptz not null,
  replayed int not null default 0,
  -- Events that were met and are not to be published.
  left_out int not null default 0,
  ended_at timestamptz,
  cancelled_by text,
  constraint replays_name_one_event_or_a_range check ((kind = 'range') = (event_id is null)),
  constraint replays_of_a_range_have_bounds
    check ((kind = 'range') = (from_id is not null and to_id is not null and events_per_second is not null)),
  constraint replays_that_force_make_an_event check ((kind = 'force') = (forced_event_id is not null)),
  constraint replays_end_once check ((state = 'running') = (ended_at is null))
);

create index replays_that_run on replays (next_step_at) where state = 'running';
create index replays_that_force on replays (event_id) where kind = 'force';
create unique index replays_make_an_event_once on replays (forced_event_id) where kind = 'force';

-- What is published again: a stream of the relay beside the journal, which is read with it. So a replay has the very
-- characters that the first publication had.
create sequence journal_replays_seq;

create table journal_replays (
  message_id uuid primary key,
  event_id uuid not null,
  replay_id uuid not null references replays,
  xid xid8 not null default pg_current_xact_id(),
  seq bigint not null default nextval('journal_replays_seq'),
  recorded_at timestamptz not null default now()
);

create index journal_replays_in_relay_order on journal_replays (xid, seq);

grant select, insert on replays, journal_replays to :"service_role";
grant update (state, last_event_id, next_step_at, replayed, left_out, ended_at, cancelled_by) on replays
  to :"service_role";
grant usage on sequence journal_replays_seq to :"service_role";
