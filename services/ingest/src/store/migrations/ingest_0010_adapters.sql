-- The secrets of the adapters, sealed (AES-256-GCM) with a key that is not in the database.
create table adapter_secrets (
  name text primary key,
  -- Null: switched off.
  secret bytea,
  since timestamptz not null,
  -- Counts beside the other one until it ends.
  previous_secret bytea,
  previous_secret_ends_at timestamptz,
  updated_by text not null,
  constraint adapter_secrets_previous_secret_has_an_end
    check ((previous_secret is null) = (previous_secret_ends_at is null))
);

-- What a provider calls something by another name: a payment intent is about an invoice. Told once, kept for ever: refunds
-- and disputes come months later and name only the payment.
create table provider_references (
  source text not null,
  name text not null,
  means text not null,
  constraint provider_references_mean_one_thing primary key (source, name)
);

alter table webhook_rejections add column source text not null default 'default';

grant select, insert, update on adapter_secrets to :"service_role";
grant select, insert on provider_references to :"service_role";
