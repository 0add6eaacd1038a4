-- Versions tried out before they count: in shadow, where they give nothing, or as a canary for some of the users.
create table rule_trials (
  rule_id uuid not null,
  version int not null,
  kind text not null constraint rule_trials_have_a_known_kind check (kind in ('shadow', 'canary')),
  percent numeric(5, 2) not null,
  from_at timestamptz not null,
  to_at timestamptz,
  constraint rule_trials_one_per_start primary key (rule_id, version, kind, from_at),
  constraint rule_trials_are_of_a_version foreign key (rule_id, version) references rule_versions (rule_id, version),
  constraint rule_trials_have_a_share check (percent > 0 and percent <= 100),
  constraint rule_trials_end_after_they_begin check (to_at is null or to_at >= from_at)
);

create unique index rule_trials_one_open_per_rule_and_kind on rule_trials (rule_id, kind) where to_at is null;

grant select, insert on rule_trials to :"service_role";
grant update (to_at) on rule_trials to :"service_role";

-- Who let what happen to a rule, when and why, for ever.
create table rule_changes (
  id uuid primary key,
  rule_id uuid not null references reward_rules (id),
  -- Null for the rule as a whole.
  version int,
  change text not null
    constraint rule_changes_are_of_a_known_kind
    check (change in ('drafted', 'shadowed', 'canaried', 'activated', 'retired')),
  -- From when it counts.
  from_at timestamptz,
  done_by text not null,
  reason text,
  done_at timestamptz not null
);

create index rule_changes_by_rule on rule_changes (rule_id, id);

create trigger rule_changes_are_append_only before update or delete on rule_changes
  for each row execute function refuse_change();
create trigger rule_changes_are_never_emptied before truncate on rule_changes
  for each statement execute function refuse_change();

grant select, insert on rule_changes to :"service_role";
