-- A reward is held while any hold on it stands: fraud's, people's, and one for each open dispute.
alter table rewards
  -- Those that stand: `fraud`, `person`, `dispute:<disputeId>`. `reward_holds` says how it came to that.
  add column holds text[] not null default '{}',
  -- How often the reward went from free to held or back, as others were told.
  add column hold_sequence int not null default 0;

grant update (holds, hold_sequence) on rewards to :"service_role";

-- Every hold that was placed or lifted, for ever.
create table reward_holds (
  reward_id uuid not null,
  id uuid not null,
  holder text not null constraint reward_holds_have_a_known_holder check (holder in ('fraud', 'dispute', 'person')),
  -- The dispute; empty for the others, who have one hold on a reward at most.
  reference text not null,
  action text not null constraint reward_holds_have_a_known_action check (action in ('placed', 'lifted')),
  reason text not null,
  -- Who did it and what they said; null where an event did it.
  done_by text,
  note text,
  -- The sender's event that it goes back to.
  event_id uuid not null,
  -- The reward's movement that told others; null where nothing changed for them.
  transaction_id uuid,
  effective_at timestamptz not null,
  recorded_at timestamptz not null,
  constraint reward_holds_one_per_id primary key (reward_id, id),
  constraint reward_holds_name_their_dispute check ((holder = 'dispute') = (reference <> ''))
);

create trigger reward_holds_are_append_only before update or delete on reward_holds
  for each row execute function refuse_change();
create trigger reward_holds_are_never_emptied before truncate on reward_holds
  for each statement execute function refuse_change();

grant select, insert on reward_holds to :"service_role";

alter table reward_transactions
  drop constraint reward_transactions_have_a_known_kind,
  add constraint reward_transactions_have_a_known_kind
    check (kind in ('earned', 'held', 'released', 'resumed', 'reversed')),
  -- Who did it and what they said; null where an event or time did it.
  add column done_by text,
  add column note text;
