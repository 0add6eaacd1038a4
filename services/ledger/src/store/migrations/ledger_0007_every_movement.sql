-- Holds, cashouts, provider settlements and adjustments.
insert into account_kinds (kind, sign, guarded, owner) values
  -- Kept for each user, like the expense; below zero where more was taken than given.
  ('program:adjustments', -1, false, 'user'),
  ('program:fees', -1, false, 'program');

-- A reward's money that is set aside is told apart by where it goes back to.
alter table reward_positions rename column held to held_pending;
alter table reward_positions
  add column held_released bigint not null default 0
    constraint reward_positions_hold_released_no_less_than_zero check (held_released >= 0),
  -- Counts the times that it went from free to held and back; the highest known says how it stands.
  add column hold_sequence int not null default 0,
  add column is_held boolean not null default false,
  drop constraint reward_positions_account_for_all_that_was_granted,
  add constraint reward_positions_account_for_all_that_was_granted
    check (granted = pending + held_pending + released + held_released + reversed);

-- Where the money of each cashout is. It moves whole.
create table cashout_positions (
  cashout_id uuid primary key,
  user_id uuid not null,
  -- Who paid it; null until somebody has.
  provider text,
  currency text not null,
  reserved bigint not null constraint cashout_positions_reserve_something check (reserved > 0),
  in_payout bigint not null default 0 constraint cashout_positions_pay_out_no_less_than_zero check (in_payout >= 0),
  paid bigint not null default 0 constraint cashout_positions_pay_no_less_than_zero check (paid >= 0),
  returned bigint not null default 0 constraint cashout_positions_return_no_less_than_zero check (returned >= 0),
  bounced bigint not null default 0 constraint cashout_positions_bounce_no_less_than_zero check (bounced >= 0),
  reserved_at timestamptz not null,
  constraint cashout_positions_name_who_paid check (paid + bounced = 0 or provider is not null),
  constraint cashout_positions_account_for_all_that_was_reserved check (reserved = in_payout + paid + returned + bounced),
  constraint cashout_positions_move_whole check (reserved in (in_payout, paid, returned, bounced))
) with (fillfactor = 80);

create index cashout_positions_in_payout on cashout_positions (reserved_at) where in_payout > 0;

grant select on cashout_positions to :"service_role";

-- A movement says of which thing it moves the position, and between which of its columns.
alter table permitted_movements
  add column position_of text constraint permitted_movements_move_a_known_position
    check (position_of in ('reward', 'cashout')),
  drop constraint permitted_movements_take_from_a_position,
  drop constraint permitted_movements_give_to_a_position;
update permitted_movements set position_of = 'reward' where position_to is not null;
insert into permitted_movements (kind, debit_kind, credit_kind, same_owner, position_of, position_from, position_to) values
  ('hold', 'user:pending', 'user:held', true, 'reward', 'pending', 'held_pending'),
  ('hold', 'user:available', 'user:held', true, 'reward', 'released', 'held_released'),
  ('resume', 'user:held', 'user:pending', true, 'reward', 'held_pending', 'pending'),
  ('resume', 'user:held', 'user:available', true, 'reward', 'held_released', 'released'),
  ('reverse', 'user:held', 'program:expense', true, 'reward', 'held_pending', 'reversed'),
  ('reserve', 'user:available', 'user:in_payout', true, 'cashout', null, 'in_payout'),
  ('settle', 'user:in_payout', 'provider:clearing', false, 'cashout', 'in_payout', 'paid'),
  ('return', 'user:in_payout', 'user:available', true, 'cashout', 'in_payout', 'returned'),
  ('bounce', 'provider:clearing', 'user:available', false, 'cashout', 'paid', 'bounced'),
  ('fee', 'program:fees', 'provider:clearing', false, null, null, null),
  ('clear', 'provider:clearing', 'program:cash', false, null, null, null),
  ('clear', 'program:cash', 'provider:clearing', false, null, null, null),
  ('adjust', 'program:adjustments', 'user:available', true, null, null, null),
  ('adjust', 'user:available', 'program:adjustments', true, null, null, null);
alter table permitted_movements
  add constraint permitted_movements_move_a_position_of_something check (case position_of
    when 'reward' then coalesce(position_from, 'pending') in ('pending', 'held_pending', 'released', 'held_released')
      and position_to in ('pending', 'held_pending', 'released', 'held_released', 'reversed')
    when 'cashout' then coalesce(position_from, 'paid') in ('in_payout', 'paid')
      and position_to in ('in_payout', 'paid', 'returned', 'bounced')
    else position_from is null and position_to is null end);

alter table transfers add column cashout_id uuid;

-- What was asked, beside the answer: an auditor need not ask another service. The fingerprint is the hash of it, so the chain
-- covers it, too. Null on the rows from before it was kept.
alter table causes
  add column kind text,
  -- The reward or the cashout that it is about, or the cause itself.
  add column subject_id uuid,
  add column user_id uuid,
  add column amount bigint,
  add column currency text,
  -- What the others do not say, such as the sequence of a hold, or a provider.
  add column detail text,
  add constraint causes_say_what_was_asked check (num_nulls(kind, subject_id, amount, currency) in (0, 4));

-- Nothing is written to it by rewards' events.
create index causes_of_refused_reservations on causes (subject_id) where kind = 'reserve' and outcome = 'refused';

-- How far posted_at and effective_at of an account's entries lie apart at most, either way: whoever asks for a balance by
-- effective time need look no further. Their days are 24 hours: calculate with them under time zone UTC.
alter table balances
  add column max_lateness interval not null default interval '0',
  add column max_earliness interval not null default interval '0';

-- Whatever reads by batch finds its rows by their instant. Rows lie in the order of time, so a summary of each 32 pages does,
-- at next to no cost for who writes.
create index transfers_by_time on transfers using brin (posted_at) with (pages_per_range = 32, autosummarize = on);
create index ledger_entries_by_time on ledger_entries using brin (posted_at) with (pages_per_range = 32, autosummarize = on);
create index causes_by_time on causes using brin (posted_at) with (pages_per_range = 32, autosummarize = on);
create index cause_conflicts_by_time on cause_conflicts using brin (posted_at) with (pages_per_range = 32, autosummarize = on);
create index accounts_by_time on accounts using brin (opened_at) with (pages_per_range = 32, autosummarize = on);
