-- What was said of disputes: one row for each status of a dispute, in whichever order they came.
create table disputes (
  invoice_id text not null references invoices (invoice_id),
  dispute_id text not null,
  status text not null constraint disputes_have_a_known_status check (status in ('opened', 'won', 'lost')),
  -- Null for the whole payment.
  amount bigint constraint disputes_have_a_positive_amount check (amount > 0),
  -- Null for the payment's.
  currency text,
  event_id uuid not null,
  disputed_at timestamptz not null,
  recorded_at timestamptz not null,
  correlation_id uuid not null,
  -- The last answer given to its event, and whether another follows once the payment it waits for is decided.
  revision int not null,
  waits boolean not null,
  constraint disputes_one_per_invoice_dispute_and_status primary key (invoice_id, dispute_id, status)
);

grant select, insert on disputes to :"service_role";
grant update (revision, waits) on disputes to :"service_role";
