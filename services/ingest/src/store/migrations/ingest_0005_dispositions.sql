-- Senders beside the default one: what they send is kept as it came, and what is published may be a translation of it.
alter table webhook_events
  -- The request's headers that are kept, as the text of a JSON object, with what is secret left out.
  add column headers text,
  -- What is published as the event's data, where that is not the `data` of the body: the text of a JSON object.
  add column payload text,
  -- What the intake decided. Only `publish` is read by the relay; `defer` waits until it is released.
  add column disposition text not null default 'publish'
    constraint webhook_events_dispositions_are_known check (disposition in ('publish', 'defer', 'ignore')),
  -- Why it is not published.
  add column reason text
    constraint webhook_events_say_why_they_are_not_published check (disposition = 'publish' or reason is not null);

-- The relay never meets what is not for it, however much of that there is.
drop index webhook_events_in_relay_order;
create index webhook_events_in_relay_order on webhook_events (xid, seq) where disposition = 'publish';

-- What the intake itself says of an event has revision -1: whatever is heard later counts more.
alter table event_statuses
  drop constraint event_statuses_are_known,
  add constraint event_statuses_are_known
    check (status in ('received', 'processed', 'ignored', 'deferred', 'parked')),
  drop constraint event_statuses_count_revisions_from_zero,
  add constraint event_statuses_count_revisions_from_the_intake check (revision >= -1);
