-- Every event that rules were asked about, with all that they got to see, in the order in which they were asked; and
-- what was given back to caps in between. Asking other rules about the same events in the same order tells what they
-- would have given. No personal data: what says who somebody is, rules do not see.
create table occasions (
  seq bigint generated always as identity primary key,
  kind text not null constraint occasions_have_a_known_kind check (kind in ('asked', 'returned')),
  event_id uuid not null,
  -- As rules name it; empty for a return.
  type text not null,
  happened_at timestamptz not null,
  cause text not null,
  seen jsonb not null,
  recorded_at timestamptz not null
);

create index occasions_by_time on occasions using brin (happened_at) with (pages_per_range = 32, autosummarize = on);

create trigger occasions_are_append_only before update or delete on occasions
  for each row execute function refuse_change();
create trigger occasions_are_never_emptied before truncate on occasions
  for each statement execute function refuse_change();

grant select, insert on occasions to :"service_role";
