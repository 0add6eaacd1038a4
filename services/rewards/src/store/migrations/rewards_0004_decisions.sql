-- What became of each sender's event, and why. An answer that changes later is a new row with the next revision.
create table decisions (
  event_id uuid not null,
  revision int not null constraint decisions_count_from_one check (revision >= 1),
  id uuid not null,
  type text not null,
  -- Whom it is about, as the app names them; null where that is not known (a refund of an unknown invoice).
  external_user_id text,
  outcome text not null constraint decisions_have_a_known_outcome check (outcome in ('processed', 'ignored')),
  reason text,
  reward_ids uuid[] not null,
  -- Every rule looked at and every condition with the value seen.
  trace jsonb not null,
  happened_at timestamptz not null,
  recorded_at timestamptz not null,
  constraint decisions_one_per_event_and_revision primary key (event_id, revision),
  constraint decisions_ignored_say_why check ((outcome = 'ignored') = (reason is not null))
);

create index decisions_by_external_user on decisions (external_user_id, event_id);

create trigger decisions_are_append_only before update or delete on decisions
  for each row execute function refuse_change();
create trigger decisions_are_never_emptied before truncate on decisions
  for each statement execute function refuse_change();

grant select, insert on decisions to :"service_role";

-- Events of customers who have not registered yet. Settled and removed once they have.
create table waiting_events (
  event_id uuid primary key,
  external_user_id text not null references referees (external_user_id),
  type text not null,
  payload jsonb not null,
  happened_at timestamptz not null,
  correlation_id uuid not null,
  traceparent text,
  -- The last answer given.
  revision int not null
);

create index waiting_events_by_external_user on waiting_events (external_user_id, event_id);

grant select, insert, delete on waiting_events to :"service_role";

-- What senders told that moves no money yet: disputes and cancellations.
create table facts (
  event_id uuid primary key,
  type text not null,
  -- The invoice of a dispute, the subscription of a cancellation.
  about text not null,
  payload jsonb not null,
  happened_at timestamptz not null,
  recorded_at timestamptz not null
);

create index facts_by_type_and_about on facts (type, about);

create trigger facts_are_append_only before update or delete on facts
  for each row execute function refuse_change();
create trigger facts_are_never_emptied before truncate on facts
  for each statement execute function refuse_change();

grant select, insert on facts to :"service_role";
