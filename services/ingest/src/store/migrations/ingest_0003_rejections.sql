-- Webhooks that were refused, so that a sender can find out why. A sample, never the whole: bounded in rate, number and
-- age. Nothing of the body but its hash and size.
create table webhook_rejections (
  id uuid primary key,
  at timestamptz not null,
  reason text not null,
  detail text,
  webhook_id text,
  body_sha256 bytea,
  body_bytes int
);

grant select, insert, delete on webhook_rejections to :"service_role";
