-- Money that a person gives a user, or takes. What was asked for never changes; the answer is given once.
create table adjustments (
  -- Also the cause under which it is posted.
  id uuid primary key,
  user_id uuid not null,
  direction text not null constraint adjustments_give_or_take check (direction in ('credit', 'debit')),
  amount bigint not null constraint adjustments_have_a_positive_amount check (amount > 0),
  currency text not null constraint adjustments_have_a_currency check (currency ~ '^[A-Z]{3}$'),
  reason text not null,
  requested_by text not null,
  requested_at timestamptz not null,
  needs_approval boolean not null,
  status text not null
    constraint adjustments_have_a_known_status check (status in ('awaiting_approval', 'posted', 'refused', 'rejected')),
  -- The ledger's reason for not posting it.
  refusal text,
  -- Who approved or rejected it. Null for what needed no approval.
  decided_by text,
  decided_at timestamptz,
  decision_reason text,
  constraint adjustments_are_approved_by_another_person check (decided_by <> requested_by or status = 'rejected'),
  constraint adjustments_wait_only_for_approval check (needs_approval or status in ('posted', 'refused')),
  constraint adjustments_that_needed_approval_say_who_decided
    check ((decided_by is not null) = (needs_approval and status <> 'awaiting_approval')),
  constraint adjustments_say_when_they_were_decided check ((decided_at is not null) = (status <> 'awaiting_approval')),
  constraint adjustments_are_rejected_with_a_reason check (status <> 'rejected' or decision_reason is not null),
  constraint adjustments_say_why_they_were_refused check ((refusal is not null) = (status = 'refused'))
);

create index adjustments_by_status on adjustments (status, id desc);
create index adjustments_by_user on adjustments (user_id, id desc);

-- What needs approval begins by waiting for it, and is decided once; nothing else ever changes.
create function decide_adjustments_once() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  undecided adjustments;
begin
  if tg_op = 'INSERT' then
    if new.needs_approval and new.status <> 'awaiting_approval' then
      raise exception 'an adjustment that needs approval begins by waiting for it'
        using errcode = 'check_violation', constraint = 'adjustments_are_decided_once';
    end if;
    return new;
  end if;
  undecided := new;
  undecided.status := old.status;
  undecided.refusal := old.refusal;
  undecided.decided_by := old.decided_by;
  undecided.decided_at := old.decided_at;
  undecided.decision_reason := old.decision_reason;
  if old.status <> 'awaiting_approval' or new.status = 'awaiting_approval' or undecided is distinct from old then
    raise exception 'an adjustment is decided once, and what was asked for stays'
      using errcode = 'restrict_violation', constraint = 'adjustments_are_decided_once';
  end if;
  return new;
end $$;

create trigger adjustments_are_decided_once before insert or update on adjustments
  for each row execute function decide_adjustments_once();
create trigger adjustments_are_never_deleted before delete on adjustments
  for each row execute function refuse_to_change_history();
create trigger adjustments_are_never_emptied before truncate on adjustments
  for each statement execute function refuse_to_change_history();

grant select, insert on adjustments to :"service_role";
grant update (status, refusal, decided_by, decided_at, decision_reason) on adjustments to :"service_role";
