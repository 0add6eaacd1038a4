-- Programs that may ask for tokens. Of a secret only its scrypt hash is kept.
create table api_clients (
  id text primary key constraint api_clients_have_a_short_id check (length(id) between 1 and 100),
  secret_salt bytea not null,
  secret_hash bytea not null,
  -- The most that a token of this client can carry.
  scopes text[] not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- Set, the client gets no more tokens; those it has end by themselves within 15 minutes.
  disabled_at timestamptz
);

grant select, insert, update on api_clients to :"service_role";
