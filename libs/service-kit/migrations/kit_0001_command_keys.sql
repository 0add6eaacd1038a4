-- What was answered to a command, under the key its sender chose. Written in the command's own transaction.
create table command_keys (
  principal text not null,
  key text not null,
  -- SHA-256 over method, path and content: the same key with another content is a conflict.
  fingerprint bytea not null,
  -- Empty only inside the transaction that runs the command.
  status int,
  body text,
  headers jsonb,
  created_at timestamptz not null,
  constraint command_keys_are_used_once primary key (principal, key)
);

create index command_keys_by_age on command_keys (created_at);

grant select, insert, delete, update (status, body, headers) on command_keys to :"service_role";
