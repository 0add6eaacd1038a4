-- What kinds of account there are. sign: +1 where credits raise the balance (what we owe), -1 where debits do (what we
-- spent, or are owed). A guarded account never goes below zero.
create table account_kinds (
  kind text primary key,
  sign smallint not null constraint account_kinds_have_a_normal_side check (sign in (1, -1)),
  guarded boolean not null,
  owner text not null constraint account_kinds_have_a_known_owner check (owner in ('program', 'provider', 'user'))
);

-- The expense is kept for each user: its balance is what the user has earned in total, now and at any past instant,
-- and no account is touched by everybody's transfers. The program's expense is the sum.
insert into account_kinds (kind, sign, guarded, owner) values
  ('program:expense', -1, true, 'user'),
  ('program:cash', -1, false, 'program'),
  ('provider:clearing', 1, false, 'provider'),
  ('user:pending', 1, true, 'user'),
  ('user:available', 1, true, 'user'),
  ('user:held', 1, true, 'user'),
  ('user:in_payout', 1, true, 'user'),
  ('user:owed', -1, true, 'user');

-- Every movement of money there may be: a transfer of `kind` debits the first account and credits the second.
-- Where it moves a reward's money, position_from and position_to say between which columns of reward_positions.
create table permitted_movements (
  kind text not null constraint permitted_movements_have_a_plain_kind check (kind ~ '^[a-z][a-z_]{0,31}$'),
  debit_kind text not null references account_kinds,
  credit_kind text not null references account_kinds,
  same_owner boolean not null,
  position_from text constraint permitted_movements_take_from_a_position
    check (position_from in ('pending', 'held', 'released')),
  position_to text constraint permitted_movements_give_to_a_position
    check (position_to in ('pending', 'held', 'released', 'reversed')),
  primary key (kind, debit_kind, credit_kind)
);

insert into permitted_movements (kind, debit_kind, credit_kind, same_owner, position_from, position_to) values
  ('earn', 'program:expense', 'user:pending', true, null, 'pending'),
  ('release', 'user:pending', 'user:available', true, 'pending', 'released'),
  ('reverse', 'user:pending', 'program:expense', true, 'pending', 'reversed'),
  ('reverse', 'user:available', 'program:expense', true, 'released', 'reversed'),
  ('reverse', 'user:owed', 'program:expense', true, 'released', 'reversed'),
  ('net', 'user:available', 'user:owed', true, null, null);

-- Who an account belongs to never changes; what is on it is in balances. Ids count up without gaps.
create table accounts (
  id bigint primary key,
  kind text not null references account_kinds,
  user_id uuid,
  provider text,
  currency text not null constraint accounts_have_a_currency check (currency ~ '^[A-Z]{3}$'),
  opened_at timestamptz not null,
  constraint accounts_are_opened_once unique nulls not distinct (user_id, currency, kind, provider)
);

-- Debits and credits only grow. fillfactor: updates stay on their page and touch no index.
create table balances (
  account_id bigint primary key,
  sign smallint not null,
  guarded boolean not null,
  debits bigint not null default 0,
  credits bigint not null default 0,
  version bigint not null default 0,
  balance bigint not null generated always as (sign * (credits - debits)) stored,
  constraint guarded_accounts_never_go_below_zero check (not guarded or sign * (credits - debits) >= 0)
) with (fillfactor = 50);

grant select on account_kinds, permitted_movements, accounts, balances to :"service_role";
