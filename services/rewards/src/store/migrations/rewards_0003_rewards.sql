create function refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op;
end $$;

-- The anchor of an invoice: its payment, or only a refund of it so far (then the payment's columns are null).
create table invoices (
  invoice_id text primary key,
  external_user_id text,
  subscription_id text,
  amount bigint,
  currency text,
  period int,
  paid_at timestamptz,
  event_id uuid,
  -- The payment waits for its customer's registration, and its refunds with it.
  waits boolean not null default false,
  seen_at timestamptz not null,
  constraint invoices_know_all_of_a_payment_or_nothing
    check (num_nulls(external_user_id, subscription_id, amount, currency, paid_at, event_id) in (0, 6)),
  constraint invoices_have_a_positive_amount check (amount > 0)
);

grant select, insert on invoices to :"service_role";
grant update (external_user_id, subscription_id, amount, currency, period, paid_at, event_id, waits)
  on invoices to :"service_role";

create table refunds (
  invoice_id text not null references invoices (invoice_id),
  refund_id text not null,
  amount bigint not null constraint refunds_have_a_positive_amount check (amount > 0),
  currency text not null,
  event_id uuid not null,
  refunded_at timestamptz not null,
  recorded_at timestamptz not null,
  correlation_id uuid not null,
  -- The last answer given to its event, and whether another follows once the payment it waits for is decided.
  revision int not null,
  waits boolean not null,
  constraint refunds_one_per_invoice_and_refund primary key (invoice_id, refund_id)
);

grant select, insert on refunds to :"service_role";
grant update (revision, waits) on refunds to :"service_role";

create table rewards (
  id uuid primary key,
  rule_id uuid not null,
  rule_version int not null,
  -- `invoice:<invoiceId>`, `registration:<externalUserId>` or `webhook:<source>:<webhookId>`.
  cause text not null,
  beneficiary text not null
    constraint rewards_have_a_known_beneficiary check (beneficiary in ('referrer', 'referee')),
  user_id uuid not null,
  referral_id uuid not null,
  -- The sender's event.
  event_id uuid not null,
  currency text not null,
  granted bigint not null,
  reversed bigint not null default 0,
  due_at timestamptz not null,
  released_at timestamptz,
  screening text not null default 'waiting'
    constraint rewards_have_a_known_screening check (screening in ('waiting', 'passed', 'held', 'failed')),
  -- The highest revision of a screening heard of; older ones that arrive later change nothing.
  screening_revision int not null default 0,
  earned_at timestamptz not null,
  recorded_at timestamptz not null,
  constraint rewards_one_per_rule_cause_and_beneficiary unique (cause, rule_id, beneficiary),
  constraint rewards_grant_something check (granted > 0),
  constraint rewards_reverse_at_most_what_was_granted check (reversed between 0 and granted)
) with (fillfactor = 80);

create index rewards_by_user on rewards (user_id, id);
-- What the release job may find. Not by screening: every reward is screened once, and an index that named it would have
-- each of those updates write all indexes again.
create index rewards_to_release_when_due on rewards (due_at) where released_at is null and reversed < granted;

grant select, insert on rewards to :"service_role";
grant update (reversed, released_at, screening, screening_revision) on rewards to :"service_role";

-- Every movement of a reward's money, for ever. The rows of a reward add up to what `rewards` says of it.
create table reward_transactions (
  reward_id uuid not null,
  id uuid not null,
  kind text not null
    constraint reward_transactions_have_a_known_kind check (kind in ('earned', 'released', 'reversed')),
  amount bigint not null constraint reward_transactions_move_something check (amount > 0),
  reason text,
  -- The sender's event that it goes back to.
  event_id uuid not null,
  effective_at timestamptz not null,
  recorded_at timestamptz not null,
  constraint reward_transactions_one_per_id primary key (reward_id, id)
);

create trigger reward_transactions_are_append_only before update or delete on reward_transactions
  for each row execute function refuse_change();
create trigger reward_transactions_are_never_emptied before truncate on reward_transactions
  for each statement execute function refuse_change();

grant select, insert on reward_transactions to :"service_role";
