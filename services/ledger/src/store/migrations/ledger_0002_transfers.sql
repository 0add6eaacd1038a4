-- The truth: each row moves an amount from one account to another, so debits equal credits by construction.
-- posted_at is when it was recorded, strictly increasing from batch to batch; effective_at is when it happened outside.
-- number counts all transfers without gaps, in the order in which they were posted.
create table transfers (
  posted_at timestamptz not null,
  effective_at timestamptz not null,
  number bigint not null,
  debit_account bigint not null,
  credit_account bigint not null,
  amount bigint not null constraint transfers_move_a_positive_amount check (amount > 0),
  id uuid not null,
  cause_id uuid not null,
  reward_id uuid,
  kind text not null,
  currency text not null,
  constraint transfers_have_two_sides check (debit_account <> credit_account),
  primary key (id, posted_at)
) partition by range (posted_at);

-- The two sides of each transfer with the running balance: an account's statement. version counts an account's entries
-- from 1 without gaps, and posted_at never falls while it rises, so the balance at any instant is a binary search.
create table ledger_entries (
  account_id bigint not null,
  version bigint not null,
  posted_at timestamptz not null,
  effective_at timestamptz not null,
  amount bigint not null constraint ledger_entries_have_a_positive_amount check (amount > 0),
  balance_after bigint not null,
  transfer_id uuid not null,
  side "char" not null constraint ledger_entries_are_debits_or_credits check (side in ('D', 'C')),
  primary key (account_id, version, posted_at)
) partition by range (posted_at);

-- What each cause led to, for ever: the same cause with the same content (its fingerprint) gets the same answer.
-- Not partitioned: a unique index over partitions could not keep a cause from coming back in another month.
create table causes (
  cause_id uuid primary key,
  posted_at timestamptz not null,
  fingerprint bytea not null constraint causes_have_a_sha256_fingerprint check (length(fingerprint) = 32),
  outcome text not null constraint causes_have_a_known_outcome check (outcome in ('posted', 'nothing_to_do', 'refused')),
  reason text,
  transfer_ids uuid[] not null,
  constraint causes_have_transfers_or_a_reason check ((outcome = 'posted') = (reason is null)
    and (outcome = 'posted') = (cardinality(transfer_ids) > 0))
);

-- Causes that came back with other content; refused, and told once for each content.
create table cause_conflicts (
  cause_id uuid not null references causes,
  fingerprint bytea not null,
  posted_at timestamptz not null,
  primary key (cause_id, fingerprint)
);

-- Where the money of each reward is. `released` has been handed to the user's available balance and not been taken
-- back since, whether or not it is still there.
create table reward_positions (
  reward_id uuid primary key,
  user_id uuid not null,
  currency text not null,
  granted bigint not null,
  pending bigint not null default 0 constraint reward_positions_pend_no_less_than_zero check (pending >= 0),
  held bigint not null default 0 constraint reward_positions_hold_no_less_than_zero check (held >= 0),
  released bigint not null default 0 constraint reward_positions_release_no_less_than_zero check (released >= 0),
  reversed bigint not null default 0 constraint reward_positions_reverse_no_less_than_zero check (reversed >= 0),
  constraint reward_positions_account_for_all_that_was_granted check (granted = pending + held + released + reversed)
) with (fillfactor = 80);

-- One row for each posting transaction's batch, chained: hash = sha256(previous hash, number, posted_at, body), and body
-- covers the accounts opened, the causes answered and the transfers posted at that instant.
create table batches (
  number bigint primary key,
  posted_at timestamptz not null constraint batches_have_an_instant_of_their_own unique,
  last_transfer bigint not null,
  transfers int not null,
  last_account bigint not null,
  body bytea not null,
  hash bytea not null
);

-- The end of the chain, and the lock's companion: read and written only under the ledger's advisory lock.
create table ledger_head (
  only_row boolean primary key default true constraint ledger_head_is_one_row check (only_row),
  batch bigint not null,
  posted_at timestamptz not null,
  last_transfer bigint not null,
  last_account bigint not null,
  hash bytea not null
) with (fillfactor = 10);

insert into ledger_head (batch, posted_at, last_transfer, last_account, hash)
values (0, 'epoch', 0, 0, decode(repeat('00', 32), 'hex'));

grant select on transfers, ledger_entries, causes, cause_conflicts, reward_positions, batches, ledger_head
  to :"service_role";
