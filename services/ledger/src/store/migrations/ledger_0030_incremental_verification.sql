-- A verification looks at everything, or at what was posted after what was verified last.
alter table verifications
  add column kind text not null default 'full'
    constraint verifications_are_of_a_known_kind check (kind in ('full', 'incremental')),
  -- The first and the last batch looked at; null where that was not kept yet.
  add column from_batch bigint,
  add column to_batch bigint;

drop index verifications_by_time;
create index verifications_by_kind_and_time on verifications (kind, started_at desc);

-- How far incremental verification has come. What builds on it is the end of that batch, as it was when it was verified: a
-- chain that is rewritten before it later on does not continue it.
create table verification_progress (
  only_row boolean primary key default true constraint verification_progress_is_one_row check (only_row),
  batch bigint not null default 0,
  posted_at timestamptz not null default '-infinity',
  hash bytea not null default decode(repeat('00', 32), 'hex'),
  last_transfer bigint not null default 0,
  last_account bigint not null default 0,
  -- Up to where positions were compared: they only can be at the end of all that was posted.
  compared_to timestamptz not null default '-infinity',
  -- Anything but passed stands still.
  status text not null default 'passed'
    constraint verification_progress_has_a_known_status check (status in ('passed', 'failed', 'incomplete')),
  ran_at timestamptz,
  -- What was found since the last row of verifications, which is from `told_at` and reaches to `told_batch`.
  report jsonb,
  told_at timestamptz not null default '-infinity',
  told_batch bigint not null default 0,
  -- What was found last of money that is on its way and of answers that are missing, and what all accounts of a kind held.
  standing jsonb not null default '[]',
  kinds jsonb not null default '[]'
) with (fillfactor = 10);

insert into verification_progress default values;

-- What the transfers verified so far add up to for each reward and each cashout, so that what is kept of it can be compared
-- after new ones without reading the old. No money is read from these.
create table verified_rewards (
  reward_id uuid primary key,
  user_id uuid not null,
  currency text not null,
  pending bigint not null default 0,
  held_pending bigint not null default 0,
  released bigint not null default 0,
  held_released bigint not null default 0,
  reversed bigint not null default 0,
  hold_sequence int not null default 0,
  is_held boolean not null default false
) with (fillfactor = 80);

create table verified_cashouts (
  cashout_id uuid primary key,
  user_id uuid not null,
  provider text,
  currency text not null,
  in_payout bigint not null default 0,
  paid bigint not null default 0,
  returned bigint not null default 0,
  bounced bigint not null default 0,
  reserved_at timestamptz
) with (fillfactor = 80);

grant select, update on verification_progress to :"service_role";
grant select, insert, update, truncate on verified_rewards, verified_cashouts to :"service_role";
