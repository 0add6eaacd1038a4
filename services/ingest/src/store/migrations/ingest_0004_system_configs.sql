-- The one canonical row. Secrets are sealed (AES-256-GCM) with a key that is not in the database.
create table system_configs (
  id int primary key default 1
    constraint system_configs_hold_one_row check (id = 1),
  version int not null,
  plan text not null
    constraint system_configs_plan_is_known check (plan in ('free', 'growth', 'pro', 'enterprise')),
  webhook_secret bytea not null,
  webhook_secret_since timestamptz not null,
  -- Counts beside the other one until it ends.
  previous_webhook_secret bytea,
  previous_webhook_secret_ends_at timestamptz,
  updated_at timestamptz not null,
  updated_by text not null,
  constraint system_configs_previous_secret_has_an_end
    check ((previous_webhook_secret is null) = (previous_webhook_secret_ends_at is null))
);

grant select, insert, update on system_configs to :"service_role";
