create table reward_rules (
  id uuid primary key,
  created_at timestamptz not null,
  created_by text not null,
  retired_at timestamptz,
  retired_by text
);

grant select, insert on reward_rules to :"service_role";
grant update (retired_at, retired_by) on reward_rules to :"service_role";

-- What a rule says, version by version. Rewards pin the version that granted them, so what it says never changes;
-- only its life does: draft, active from a time, retired.
create table rule_versions (
  rule_id uuid not null references reward_rules (id),
  version int not null constraint rule_versions_count_from_one check (version >= 1),
  event_type text not null,
  definition jsonb not null,
  state text not null
    constraint rule_versions_have_a_known_state check (state in ('draft', 'active', 'retired')),
  created_at timestamptz not null,
  created_by text not null,
  -- It counts for events that happened from active_from (included) to active_to (not included).
  active_from timestamptz,
  active_to timestamptz,
  activated_at timestamptz,
  activated_by text,
  constraint rule_versions_one_per_number primary key (rule_id, version),
  constraint rule_versions_drafts_never_counted check ((state = 'draft') = (active_from is null)),
  constraint rule_versions_end_after_they_begin check (active_to is null or active_to >= active_from)
);

create index rule_versions_that_count on rule_versions (event_type) where state <> 'draft';
create unique index rule_versions_one_open_per_rule on rule_versions (rule_id) where active_from is not null and active_to is null;

create function refuse_rule_version_change() returns trigger
language plpgsql as $$
begin
  if (new.rule_id, new.version, new.event_type, new.definition, new.created_at, new.created_by)
    is distinct from (old.rule_id, old.version, old.event_type, old.definition, old.created_at, old.created_by) then
    raise exception 'a rule version never changes; make a new one';
  end if;
  return new;
end $$;

create trigger rule_versions_never_change before update on rule_versions
  for each row execute function refuse_rule_version_change();

grant select, insert on rule_versions to :"service_role";
grant update (state, active_from, active_to, activated_at, activated_by) on rule_versions to :"service_role";
