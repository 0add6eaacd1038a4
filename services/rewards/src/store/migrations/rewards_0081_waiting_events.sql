-- What is due is looked for every half minute; what waits for a conversion may be much, and for long.
create index waiting_events_that_are_due on waiting_events (external_user_id) where until = 'registration';
