-- What the ledger refused for good of what we told it.
create table reward_refusals (
  transaction_id uuid primary key,
  reward_id uuid not null,
  -- The kind of the movement that was refused.
  kind text not null,
  reason text not null,
  refused_at timestamptz not null,
  recorded_at timestamptz not null
);

create index reward_refusals_by_reward on reward_refusals (reward_id, transaction_id);

create trigger reward_refusals_are_append_only before update or delete on reward_refusals
  for each row execute function refuse_change();
create trigger reward_refusals_are_never_emptied before truncate on reward_refusals
  for each statement execute function refuse_change();

grant select, insert on reward_refusals to :"service_role";

-- Why the ledger refused the earning; there is no money in this reward then, and nothing of it is moved any more.
alter table rewards add column refusal text;

grant update (refusal) on rewards to :"service_role";
