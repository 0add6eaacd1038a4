-- Processes that take webhooks in, so that each knows by how many to divide the limits. Unlogged: after a crash of the
-- server it is empty, and full again within a second.
create unlogged table intake_processes (
  id uuid primary key,
  seen_at timestamptz not null
);

grant select, insert, update, delete on intake_processes to :"service_role";
