-- What providers say they have settled, line by line, and which cashout each line belongs to. A line is kept as it came,
-- for ever; what became of it is a row of its own.
create table settlement_lines (
  -- Also the cause under which the line is posted.
  id uuid primary key,
  provider text not null,
  line_id text not null,
  type text not null constraint settlement_lines_have_a_known_type check (type in ('payout', 'fee', 'refund')),
  reference text not null,
  amount bigint not null constraint settlement_lines_have_a_positive_amount check (amount > 0),
  currency text not null constraint settlement_lines_have_a_currency check (currency ~ '^[A-Z]{3}$'),
  fee bigint not null constraint settlement_lines_have_no_negative_fee check (fee >= 0),
  -- The cause under which the fee of a payout or a refund is posted.
  fee_cause_id uuid,
  settled_at timestamptz not null,
  fingerprint bytea not null constraint settlement_lines_have_a_sha256_fingerprint check (length(fingerprint) = 32),
  received_at timestamptz not null,
  received_by text not null,
  constraint settlement_lines_are_named_once_by_their_provider unique (provider, line_id),
  constraint settlement_lines_with_a_fee_have_a_cause_for_it check ((fee > 0) = (fee_cause_id is not null)),
  constraint settlement_lines_of_fees_have_no_other_fee check (type <> 'fee' or fee = 0),
  -- For closings, which repeat the type.
  constraint settlement_lines_keep_their_type unique (id, type)
);

-- The end of a line: matched (and posted), or dismissed by a person.
create table settlement_closings (
  line_id uuid primary key,
  type text not null,
  outcome text not null constraint settlement_closings_have_a_known_outcome check (outcome in ('matched', 'dismissed')),
  cashout_id uuid,
  closed_at timestamptz not null,
  -- The person who decided, and why; null where the reference decided.
  closed_by text,
  reason text,
  constraint settlement_closings_are_of_a_line foreign key (line_id, type) references settlement_lines (id, type),
  constraint settlement_closings_by_hand_say_why check ((closed_by is null) = (reason is null)),
  constraint settlement_closings_are_dismissed_by_somebody check (outcome = 'matched' or closed_by is not null),
  constraint settlement_closings_match_a_cashout_unless_a_fee
    check ((cashout_id is not null) = (outcome = 'matched' and type <> 'fee'))
);

create unique index settlement_closings_settle_a_cashout_once on settlement_closings (cashout_id, type);

-- Lines without an end: what a person or a later event has to close.
create table unmatched_settlements (
  line_id uuid primary key references settlement_lines (id),
  provider text not null,
  reason text not null constraint unmatched_settlements_have_a_plain_reason check (reason ~ '^[a-z][a-z_]{0,63}$'),
  -- What the line was judged by; once that has changed, it is judged again.
  seen text not null
);

create index unmatched_settlements_by_provider on unmatched_settlements (provider, line_id);

-- What a provider still has to settle: a payout from the moment it is paid, a refund from the moment the money came back.
create table outstanding_settlements (
  cashout_id uuid not null,
  type text not null constraint outstanding_settlements_are_of_a_cashout check (type in ('payout', 'refund')),
  provider text not null,
  since timestamptz not null,
  constraint outstanding_settlements_are_expected_once primary key (cashout_id, type)
);

create index outstanding_settlements_by_age on outstanding_settlements (since, cashout_id, type);

-- By which names of its own a provider may call a cashout. Usually one; a name of two cashouts decides nothing.
create table provider_references (
  provider text not null,
  reference text not null,
  cashout_id uuid not null,
  constraint provider_references_are_known_once primary key (provider, reference, cashout_id)
);

select keep_append_only(array['settlement_lines', 'settlement_closings', 'provider_references']);

-- A closed line waits for nothing, and its cashout is settled. Nobody else takes rows out of the two queues, so none is lost.
create function leave_the_queues() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from unmatched_settlements u using closed where u.line_id = closed.line_id;
  delete from outstanding_settlements o using closed where o.cashout_id = closed.cashout_id and o.type = closed.type;
  return null;
end $$;

create trigger settlement_closings_leave_the_queues after insert on settlement_closings
  referencing new table as closed for each statement execute function leave_the_queues();

revoke execute on function leave_the_queues() from public;

grant select, insert on settlement_lines, settlement_closings, provider_references, outstanding_settlements,
  unmatched_settlements to :"service_role";
grant update (reason, seen) on unmatched_settlements to :"service_role";
