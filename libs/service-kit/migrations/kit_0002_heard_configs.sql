-- The configuration as ingest told it last, in the services that act on it. No row before it was heard of.
create table heard_configs (
  id int primary key default 1
    constraint heard_configs_hold_one_row check (id = 1),
  version int not null,
  plan text not null
    constraint heard_configs_plan_is_known check (plan in ('free', 'growth', 'pro', 'enterprise')),
  -- All that was told.
  config jsonb not null,
  heard_at timestamptz not null
);

grant select, insert, update on heard_configs to :"service_role";
