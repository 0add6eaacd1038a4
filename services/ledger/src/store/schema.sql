create table account_kinds (
  kind text not null,
  sign smallint not null,
  guarded boolean not null,
  owner text not null,
  constraint account_kinds_have_a_known_owner CHECK ((owner = ANY (ARRAY['program'::text, 'provider'::text, 'user'::text]))),
  constraint account_kinds_have_a_normal_side CHECK ((sign = ANY (ARRAY[1, '-1'::integer]))),
  constraint account_kinds_pkey PRIMARY KEY (kind)
);
grant select on account_kinds to service;

create table accounts (
  id bigint not null,
  kind text not null,
  user_id uuid,
  provider text,
  currency text not null,
  opened_at timestamp with time zone not null,
  constraint accounts_are_opened_once UNIQUE NULLS NOT DISTINCT (user_id, currency, kind, provider),
  constraint accounts_have_a_currency CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint accounts_kind_fkey FOREIGN KEY (kind) REFERENCES account_kinds(kind),
  constraint accounts_pkey PRIMARY KEY (id)
);
CREATE INDEX accounts_by_time ON public.accounts USING brin (opened_at) WITH (pages_per_range='32', autosummarize='on');
CREATE TRIGGER accounts_are_never_changed BEFORE DELETE OR UPDATE ON public.accounts FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER accounts_are_never_emptied BEFORE TRUNCATE ON public.accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant select on accounts to service;

create table adjustments (
  id uuid not null,
  user_id uuid not null,
  direction text not null,
  amount bigint not null,
  currency text not null,
  reason text not null,
  requested_by text not null,
  requested_at timestamp with time zone not null,
  needs_approval boolean not null,
  status text not null,
  refusal text,
  decided_by text,
  decided_at timestamp with time zone,
  decision_reason text,
  constraint adjustments_are_approved_by_another_person CHECK (((decided_by <> requested_by) OR (status = 'rejected'::text))),
  constraint adjustments_are_rejected_with_a_reason CHECK (((status <> 'rejected'::text) OR (decision_reason IS NOT NULL))),
  constraint adjustments_give_or_take CHECK ((direction = ANY (ARRAY['credit'::text, 'debit'::text]))),
  constraint adjustments_have_a_currency CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint adjustments_have_a_known_status CHECK ((status = ANY (ARRAY['awaiting_approval'::text, 'posted'::text, 'refused'::text, 'rejected'::text]))),
  constraint adjustments_have_a_positive_amount CHECK ((amount > 0)),
  constraint adjustments_pkey PRIMARY KEY (id),
  constraint adjustments_say_when_they_were_decided CHECK (((decided_at IS NOT NULL) = (status <> 'awaiting_approval'::text))),
  constraint adjustments_say_why_they_were_refused CHECK (((refusal IS NOT NULL) = (status = 'refused'::text))),
  constraint adjustments_that_needed_approval_say_who_decided CHECK (((decided_by IS NOT NULL) = (needs_approval AND (status <> 'awaiting_approval'::text)))),
  constraint adjustments_wait_only_for_approval CHECK ((needs_approval OR (status = ANY (ARRAY['posted'::text, 'refused'::text]))))
);
CREATE INDEX adjustments_by_status ON public.adjustments USING btree (status, id DESC);
CREATE INDEX adjustments_by_user ON public.adjustments USING btree (user_id, id DESC);
CREATE TRIGGER adjustments_are_decided_once BEFORE INSERT OR UPDATE ON public.adjustments FOR EACH ROW EXECUTE FUNCTION decide_adjustments_once();
CREATE TRIGGER adjustments_are_never_deleted BEFORE DELETE ON public.adjustments FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER adjustments_are_never_emptied BEFORE TRUNCATE ON public.adjustments FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant insert, select on adjustments to service;
grant update on adjustments (status) to service;
grant update on adjustments (refusal) to service;
grant update on adjustments (decided_by) to service;
grant update on adjustments (decided_at) to service;
grant update on adjustments (decision_reason) to service;

create table archives (
  number integer not null,
  retained_from timestamp with time zone not null,
  last_batch bigint not null,
  last_instant timestamp with time zone not null,
  last_hash bytea not null,
  last_transfer bigint not null,
  last_account bigint not null,
  transfers bigint not null,
  entries bigint not null,
  file_name text not null,
  file_sha256 bytea not null,
  openings_sha256 bytea not null,
  positions_sha256 bytea not null,
  accounts_sha256 bytea not null,
  causes_sha256 bytea not null,
  previous_sha256 bytea not null,
  posted_at timestamp with time zone not null,
  constraint archives_follow_one_another UNIQUE (retained_from),
  constraint archives_have_a_sha256_of_their_file CHECK ((length(file_sha256) = 32)),
  constraint archives_pkey PRIMARY KEY (number)
);
CREATE TRIGGER archives_are_never_changed BEFORE DELETE OR UPDATE ON public.archives FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER archives_are_never_emptied BEFORE TRUNCATE ON public.archives FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant select on archives to service;

create table balances (
  account_id bigint not null,
  sign smallint not null,
  guarded boolean not null,
  debits bigint not null default 0,
  credits bigint not null default 0,
  version bigint not null default 0,
  balance bigint not null generated always as (sign * (credits - debits)) stored,
  max_lateness interval not null default '00:00:00'::interval,
  max_earliness interval not null default '00:00:00'::interval,
  kind text not null,
  user_id uuid,
  provider text,
  currency text not null,
  constraint balances_pkey PRIMARY KEY (account_id),
  constraint guarded_accounts_never_go_below_zero CHECK (((NOT guarded) OR ((sign * (credits - debits)) >= 0)))
) with (fillfactor=50);
CREATE INDEX balances_by_owner ON public.balances USING btree (user_id, currency);
CREATE TRIGGER balances_keep_their_owner BEFORE UPDATE OF account_id, kind, user_id, provider, currency, sign, guarded ON public.balances FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant select on balances to service;

create table batches (
  number bigint not null,
  posted_at timestamp with time zone not null,
  last_transfer bigint not null,
  transfers integer not null,
  last_account bigint not null,
  body bytea not null,
  hash bytea not null,
  constraint batches_have_an_instant_of_their_own UNIQUE (posted_at),
  constraint batches_pkey PRIMARY KEY (number)
);
CREATE TRIGGER batches_are_never_changed BEFORE DELETE OR UPDATE ON public.batches FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER batches_are_never_emptied BEFORE TRUNCATE ON public.batches FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant select on batches to service;

create table cashout_positions (
  cashout_id uuid not null,
  user_id uuid not null,
  provider text,
  currency text not null,
  reserved bigint not null,
  in_payout bigint not null default 0,
  paid bigint not null default 0,
  returned bigint not null default 0,
  bounced bigint not null default 0,
  reserved_at timestamp with time zone not null,
  constraint cashout_positions_account_for_all_that_was_reserved CHECK ((reserved = (((in_payout + paid) + returned) + bounced))),
  constraint cashout_positions_bounce_no_less_than_zero CHECK ((bounced >= 0)),
  constraint cashout_positions_move_whole CHECK (((((reserved = in_payout) OR (reserved = paid)) OR (reserved = returned)) OR (reserved = bounced))),
  constraint cashout_positions_name_who_paid CHECK ((((paid + bounced) = 0) OR (provider IS NOT NULL))),
  constraint cashout_positions_pay_no_less_than_zero CHECK ((paid >= 0)),
  constraint cashout_positions_pay_out_no_less_than_zero CHECK ((in_payout >= 0)),
  constraint cashout_positions_pkey PRIMARY KEY (cashout_id),
  constraint cashout_positions_reserve_something CHECK ((reserved > 0)),
  constraint cashout_positions_return_no_less_than_zero CHECK ((returned >= 0))
) with (fillfactor=80);
CREATE INDEX cashout_positions_in_payout ON public.cashout_positions USING btree (reserved_at) WHERE (in_payout > 0);
grant select on cashout_positions to service;

create table cause_conflicts (
  cause_id uuid not null,
  fingerprint bytea not null,
  posted_at timestamp with time zone not null,
  constraint cause_conflicts_cause_id_fkey FOREIGN KEY (cause_id) REFERENCES causes(cause_id),
  constraint cause_conflicts_pkey PRIMARY KEY (cause_id, fingerprint)
);
CREATE INDEX cause_conflicts_by_time ON public.cause_conflicts USING brin (posted_at) WITH (pages_per_range='32', autosummarize='on');
CREATE TRIGGER cause_conflicts_are_never_changed BEFORE DELETE OR UPDATE ON public.cause_conflicts FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER cause_conflicts_are_never_emptied BEFORE TRUNCATE ON public.cause_conflicts FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant select on cause_conflicts to service;

create table causes (
  cause_id uuid not null,
  posted_at timestamp with time zone not null,
  fingerprint bytea not null,
  outcome text not null,
  reason text,
  transfer_ids uuid[] not null,
  kind text,
  subject_id uuid,
  user_id uuid,
  amount bigint,
  currency text,
  detail text,
  constraint causes_have_a_known_outcome CHECK ((outcome = ANY (ARRAY['posted'::text, 'nothing_to_do'::text, 'refused'::text]))),
  constraint causes_have_a_sha256_fingerprint CHECK ((length(fingerprint) = 32)),
  constraint causes_have_transfers_or_a_reason CHECK ((((outcome = 'posted'::text) = (reason IS NULL)) AND ((outcome = 'posted'::text) = (cardinality(transfer_ids) > 0)))),
  constraint causes_pkey PRIMARY KEY (cause_id),
  constraint causes_say_what_was_asked CHECK ((num_nulls(kind, subject_id, amount, currency) = ANY (ARRAY[0, 4])))
);
CREATE INDEX causes_by_time ON public.causes USING brin (posted_at) WITH (pages_per_range='32', autosummarize='on');
CREATE INDEX causes_of_refused_reservations ON public.causes USING btree (subject_id) WHERE ((kind = 'reserve'::text) AND (outcome = 'refused'::text));
CREATE TRIGGER causes_are_never_changed BEFORE DELETE OR UPDATE ON public.causes FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER causes_are_never_emptied BEFORE TRUNCATE ON public.causes FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant select on causes to service;

create table checkpoints (
  sequence bigint not null,
  first_batch bigint not null,
  last_batch bigint not null,
  chain_hash bytea not null,
  last_transfer bigint not null,
  transfers bigint not null,
  tree_root bytea not null,
  posted_up_to timestamp with time zone not null,
  signed_at timestamp with time zone not null,
  previous bytea not null,
  key_id text not null,
  hash bytea not null,
  signature bytea not null,
  constraint checkpoints_count_transfers CHECK ((transfers >= 0)),
  constraint checkpoints_cover_a_batch CHECK ((last_batch >= first_batch)),
  constraint checkpoints_end_at_a_batch_of_their_own UNIQUE (last_batch),
  constraint checkpoints_have_an_ed25519_signature CHECK ((length(signature) = 64)),
  constraint checkpoints_have_sha256_hashes CHECK (((length(chain_hash) = 32) AND (length(tree_root) = 32) AND (length(previous) = 32) AND (length(hash) = 32))),
  constraint checkpoints_name_a_key CHECK ((key_id ~ '^[0-9a-f]{16}$'::text)),
  constraint checkpoints_pkey PRIMARY KEY (sequence)
);
CREATE TRIGGER checkpoints_are_never_changed BEFORE DELETE OR UPDATE ON public.checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER checkpoints_are_never_emptied BEFORE TRUNCATE ON public.checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER checkpoints_follow_one_another BEFORE INSERT ON public.checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_loose_checkpoints();
grant insert, select on checkpoints to service;

create table command_keys (
  principal text not null,
  key text not null,
  fingerprint bytea not null,
  status integer,
  body text,
  headers jsonb,
  created_at timestamp with time zone not null,
  constraint command_keys_are_used_once PRIMARY KEY (principal, key)
);
CREATE INDEX command_keys_by_age ON public.command_keys USING btree (created_at);
grant delete, insert, select on command_keys to service;
grant update on command_keys (status) to service;
grant update on command_keys (body) to service;
grant update on command_keys (headers) to service;

create table heard_configs (
  id integer not null default 1,
  version integer not null,
  plan text not null,
  config jsonb not null,
  heard_at timestamp with time zone not null,
  constraint heard_configs_hold_one_row CHECK ((id = 1)),
  constraint heard_configs_pkey PRIMARY KEY (id),
  constraint heard_configs_plan_is_known CHECK ((plan = ANY (ARRAY['free'::text, 'growth'::text, 'pro'::text, 'enterprise'::text])))
);
grant insert, select, update on heard_configs to service;

create table inbox (
  message_id uuid not null,
  constraint inbox_handles_each_message_once PRIMARY KEY (message_id)
) partition by RANGE (message_id);
grant delete, insert, select on inbox to service;

create table ledger_entries (
  account_id bigint not null,
  version bigint not null,
  posted_at timestamp with time zone not null,
  effective_at timestamp with time zone not null,
  amount bigint not null,
  balance_after bigint not null,
  transfer_id uuid not null,
  side "char" not null,
  constraint ledger_entries_are_debits_or_credits CHECK ((side = ANY (ARRAY['D'::"char", 'C'::"char"]))),
  constraint ledger_entries_have_a_positive_amount CHECK ((amount > 0)),
  constraint ledger_entries_pkey PRIMARY KEY (account_id, version, posted_at)
) partition by RANGE (posted_at);
CREATE INDEX ledger_entries_by_time ON ONLY public.ledger_entries USING brin (posted_at) WITH (pages_per_range='32', autosummarize='on');
CREATE TRIGGER ledger_entries_are_never_changed BEFORE DELETE OR UPDATE ON public.ledger_entries FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER ledger_entries_are_never_emptied BEFORE TRUNCATE ON public.ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER ledger_entries_are_sides_of_transfers BEFORE INSERT ON public.ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_loose_entries();
grant select on ledger_entries to service;

create table ledger_head (
  only_row boolean not null default true,
  batch bigint not null,
  posted_at timestamp with time zone not null,
  last_transfer bigint not null,
  last_account bigint not null,
  hash bytea not null,
  constraint ledger_head_is_one_row CHECK (only_row),
  constraint ledger_head_pkey PRIMARY KEY (only_row)
) with (fillfactor=10);
grant select on ledger_head to service;

create table opening_balances (
  archive integer not null,
  account_id bigint not null,
  version bigint not null,
  debits bigint not null,
  credits bigint not null,
  balance bigint not null,
  constraint opening_balances_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint opening_balances_archive_fkey FOREIGN KEY (archive) REFERENCES archives(number) DEFERRABLE INITIALLY DEFERRED,
  constraint opening_balances_one_per_account_and_archive PRIMARY KEY (account_id, archive)
);
CREATE TRIGGER opening_balances_are_never_changed BEFORE DELETE OR UPDATE ON public.opening_balances FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER opening_balances_are_never_emptied BEFORE TRUNCATE ON public.opening_balances FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant select on opening_balances to service;

create table opening_cashout_positions (
  archive integer not null,
  cashout_id uuid not null,
  reserved bigint not null,
  in_payout bigint not null,
  paid bigint not null,
  returned bigint not null,
  bounced bigint not null,
  constraint opening_cashout_positions_archive_fkey FOREIGN KEY (archive) REFERENCES archives(number) DEFERRABLE INITIALLY DEFERRED,
  constraint opening_cashout_positions_one_per_cashout_and_archive PRIMARY KEY (cashout_id, archive)
);
CREATE TRIGGER opening_cashout_positions_are_never_changed BEFORE DELETE OR UPDATE ON public.opening_cashout_positions FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER opening_cashout_positions_are_never_emptied BEFORE TRUNCATE ON public.opening_cashout_positions FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant select on opening_cashout_positions to service;

create table opening_early_entries (
  archive integer not null,
  account_id bigint not null,
  version bigint not null,
  effective_at timestamp with time zone not null,
  change bigint not null,
  constraint opening_early_entries_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint opening_early_entries_archive_fkey FOREIGN KEY (archive) REFERENCES archives(number) DEFERRABLE INITIALLY DEFERRED,
  constraint opening_early_entries_one_per_entry PRIMARY KEY (account_id, version)
);
CREATE TRIGGER opening_early_entries_are_never_changed BEFORE DELETE OR UPDATE ON public.opening_early_entries FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER opening_early_entries_are_never_emptied BEFORE TRUNCATE ON public.opening_early_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant select on opening_early_entries to service;

create table opening_reward_positions (
  archive integer not null,
  reward_id uuid not null,
  granted bigint not null,
  pending bigint not null,
  held_pending bigint not null,
  released bigint not null,
  held_released bigint not null,
  reversed bigint not null,
  constraint opening_reward_positions_archive_fkey FOREIGN KEY (archive) REFERENCES archives(number) DEFERRABLE INITIALLY DEFERRED,
  constraint opening_reward_positions_one_per_reward_and_archive PRIMARY KEY (reward_id, archive)
);
CREATE TRIGGER opening_reward_positions_are_never_changed BEFORE DELETE OR UPDATE ON public.opening_reward_positions FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER opening_reward_positions_are_never_emptied BEFORE TRUNCATE ON public.opening_reward_positions FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant select on opening_reward_positions to service;

create table outbox (
  xid xid8 not null default pg_current_xact_id(),
  seq bigint not null default nextval('outbox_seq'::regclass),
  recorded_on date not null default ((now() AT TIME ZONE 'utc'::text))::date,
  recorded_at timestamp with time zone not null default now(),
  message_id uuid not null,
  subject uuid not null,
  type text not null,
  "time" timestamp with time zone not null,
  correlation_id uuid not null,
  causation_id uuid not null,
  traceparent text,
  destination text,
  payload text not null
) partition by RANGE (recorded_on);
CREATE INDEX outbox_in_relay_order ON ONLY public.outbox USING btree (xid, seq);
grant insert, select on outbox to service;

create table outstanding_settlements (
  cashout_id uuid not null,
  type text not null,
  provider text not null,
  since timestamp with time zone not null,
  constraint outstanding_settlements_are_expected_once PRIMARY KEY (cashout_id, type),
  constraint outstanding_settlements_are_of_a_cashout CHECK ((type = ANY (ARRAY['payout'::text, 'refund'::text])))
);
CREATE INDEX outstanding_settlements_by_age ON public.outstanding_settlements USING btree (since, cashout_id, type);
grant insert, select on outstanding_settlements to service;

create table parked_messages (
  id uuid not null,
  message_id uuid,
  subject uuid,
  type text not null,
  source text,
  "time" timestamp with time zone,
  correlation_id uuid,
  causation_id uuid,
  traceparent text,
  payload bytea not null,
  reason text not null,
  attempts integer not null,
  parked_at timestamp with time zone not null,
  status text not null default 'parked'::text,
  settled_at timestamp with time zone,
  settled_by text,
  settled_why text,
  constraint parked_messages_have_a_known_status CHECK ((status = ANY (ARRAY['parked'::text, 'replayed'::text, 'discarded'::text]))),
  constraint parked_messages_hold_each_message_once UNIQUE (message_id),
  constraint parked_messages_pkey PRIMARY KEY (id)
);
CREATE INDEX parked_messages_by_status ON public.parked_messages USING btree (status, parked_at);
grant insert, select on parked_messages to service;
grant update on parked_messages (status) to service;
grant update on parked_messages (settled_at) to service;
grant update on parked_messages (settled_by) to service;
grant update on parked_messages (settled_why) to service;

create table permitted_movements (
  kind text not null,
  debit_kind text not null,
  credit_kind text not null,
  same_owner boolean not null,
  position_from text,
  position_to text,
  position_of text,
  constraint permitted_movements_credit_kind_fkey FOREIGN KEY (credit_kind) REFERENCES account_kinds(kind),
  constraint permitted_movements_debit_kind_fkey FOREIGN KEY (debit_kind) REFERENCES account_kinds(kind),
  constraint permitted_movements_have_a_plain_kind CHECK ((kind ~ '^[a-z][a-z_]{0,31}$'::text)),
  constraint permitted_movements_move_a_known_position CHECK ((position_of = ANY (ARRAY['reward'::text, 'cashout'::text]))),
  constraint permitted_movements_move_a_position_of_something CHECK (
CASE position_of
    WHEN 'reward'::text THEN ((COALESCE(position_from, 'pending'::text) = ANY (ARRAY['pending'::text, 'held_pending'::text, 'released'::text, 'held_released'::text])) AND (position_to = ANY (ARRAY['pending'::text, 'held_pending'::text, 'released'::text, 'held_released'::text, 'reversed'::text])))
    WHEN 'cashout'::text THEN ((COALESCE(position_from, 'paid'::text) = ANY (ARRAY['in_payout'::text, 'paid'::text])) AND (position_to = ANY (ARRAY['in_payout'::text, 'paid'::text, 'returned'::text, 'bounced'::text])))
    ELSE ((position_from IS NULL) AND (position_to IS NULL))
END),
  constraint permitted_movements_pkey PRIMARY KEY (kind, debit_kind, credit_kind)
);
grant select on permitted_movements to service;

create table provider_references (
  provider text not null,
  reference text not null,
  cashout_id uuid not null,
  constraint provider_references_are_known_once PRIMARY KEY (provider, reference, cashout_id)
);
CREATE TRIGGER provider_references_are_never_changed BEFORE DELETE OR UPDATE ON public.provider_references FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER provider_references_are_never_emptied BEFORE TRUNCATE ON public.provider_references FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant insert, select on provider_references to service;

create table relay_checkpoints (
  stream text not null,
  xid xid8 not null,
  seq bigint not null,
  system_identifier bigint not null,
  updated_at timestamp with time zone not null default now(),
  constraint relay_checkpoints_pkey PRIMARY KEY (stream)
) with (fillfactor=10);
grant insert, select, update on relay_checkpoints to service;

create table reward_positions (
  reward_id uuid not null,
  user_id uuid not null,
  currency text not null,
  granted bigint not null,
  pending bigint not null default 0,
  held_pending bigint not null default 0,
  released bigint not null default 0,
  reversed bigint not null default 0,
  held_released bigint not null default 0,
  hold_sequence integer not null default 0,
  is_held boolean not null default false,
  constraint reward_positions_account_for_all_that_was_granted CHECK ((granted = ((((pending + held_pending) + released) + held_released) + reversed))),
  constraint reward_positions_hold_no_less_than_zero CHECK ((held_pending >= 0)),
  constraint reward_positions_hold_released_no_less_than_zero CHECK ((held_released >= 0)),
  constraint reward_positions_pend_no_less_than_zero CHECK ((pending >= 0)),
  constraint reward_positions_pkey PRIMARY KEY (reward_id),
  constraint reward_positions_release_no_less_than_zero CHECK ((released >= 0)),
  constraint reward_positions_reverse_no_less_than_zero CHECK ((reversed >= 0))
) with (fillfactor=80);
grant select on reward_positions to service;

create table settlement_closings (
  line_id uuid not null,
  type text not null,
  outcome text not null,
  cashout_id uuid,
  closed_at timestamp with time zone not null,
  closed_by text,
  reason text,
  constraint settlement_closings_are_dismissed_by_somebody CHECK (((outcome = 'matched'::text) OR (closed_by IS NOT NULL))),
  constraint settlement_closings_are_of_a_line FOREIGN KEY (line_id, type) REFERENCES settlement_lines(id, type),
  constraint settlement_closings_by_hand_say_why CHECK (((closed_by IS NULL) = (reason IS NULL))),
  constraint settlement_closings_have_a_known_outcome CHECK ((outcome = ANY (ARRAY['matched'::text, 'dismissed'::text]))),
  constraint settlement_closings_match_a_cashout_unless_a_fee CHECK (((cashout_id IS NOT NULL) = ((outcome = 'matched'::text) AND (type <> 'fee'::text)))),
  constraint settlement_closings_pkey PRIMARY KEY (line_id)
);
CREATE UNIQUE INDEX settlement_closings_settle_a_cashout_once ON public.settlement_closings USING btree (cashout_id, type);
CREATE TRIGGER settlement_closings_are_never_changed BEFORE DELETE OR UPDATE ON public.settlement_closings FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER settlement_closings_are_never_emptied BEFORE TRUNCATE ON public.settlement_closings FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER settlement_closings_leave_the_queues AFTER INSERT ON public.settlement_closings REFERENCING NEW TABLE AS closed FOR EACH STATEMENT EXECUTE FUNCTION leave_the_queues();
grant insert, select on settlement_closings to service;

create table settlement_lines (
  id uuid not null,
  provider text not null,
  line_id text not null,
  type text not null,
  reference text not null,
  amount bigint not null,
  currency text not null,
  fee bigint not null,
  fee_cause_id uuid,
  settled_at timestamp with time zone not null,
  fingerprint bytea not null,
  received_at timestamp with time zone not null,
  received_by text not null,
  constraint settlement_lines_are_named_once_by_their_provider UNIQUE (provider, line_id),
  constraint settlement_lines_have_a_currency CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint settlement_lines_have_a_known_type CHECK ((type = ANY (ARRAY['payout'::text, 'fee'::text, 'refund'::text]))),
  constraint settlement_lines_have_a_positive_amount CHECK ((amount > 0)),
  constraint settlement_lines_have_a_sha256_fingerprint CHECK ((length(fingerprint) = 32)),
  constraint settlement_lines_have_no_negative_fee CHECK ((fee >= 0)),
  constraint settlement_lines_keep_their_type UNIQUE (id, type),
  constraint settlement_lines_of_fees_have_no_other_fee CHECK (((type <> 'fee'::text) OR (fee = 0))),
  constraint settlement_lines_pkey PRIMARY KEY (id),
  constraint settlement_lines_with_a_fee_have_a_cause_for_it CHECK (((fee > 0) = (fee_cause_id IS NOT NULL)))
);
CREATE TRIGGER settlement_lines_are_never_changed BEFORE DELETE OR UPDATE ON public.settlement_lines FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER settlement_lines_are_never_emptied BEFORE TRUNCATE ON public.settlement_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant insert, select on settlement_lines to service;

create table tallies (
  source text not null,
  day date not null,
  id uuid not null,
  heard_at timestamp with time zone not null,
  constraint tallies_come_from_a_known_source CHECK ((source = ANY (ARRAY['rewards'::text, 'payouts'::text]))),
  constraint tallies_pkey PRIMARY KEY (source, day)
);
CREATE TRIGGER tallies_are_never_changed BEFORE DELETE OR UPDATE ON public.tallies FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER tallies_are_never_emptied BEFORE TRUNCATE ON public.tallies FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant insert, select on tallies to service;

create table tally_lines (
  source text not null,
  day date not null,
  kind text not null,
  currency text not null,
  count bigint not null,
  amount numeric not null,
  constraint tally_lines_are_of_a_tally FOREIGN KEY (source, day) REFERENCES tallies(source, day),
  constraint tally_lines_count_something CHECK ((count > 0)),
  constraint tally_lines_have_no_negative_amount CHECK ((amount >= (0)::numeric)),
  constraint tally_lines_pkey PRIMARY KEY (source, day, kind, currency)
);
CREATE TRIGGER tally_lines_are_never_changed BEFORE DELETE OR UPDATE ON public.tally_lines FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER tally_lines_are_never_emptied BEFORE TRUNCATE ON public.tally_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant insert, select on tally_lines to service;

create table transfers (
  posted_at timestamp with time zone not null,
  effective_at timestamp with time zone not null,
  number bigint not null,
  debit_account bigint not null,
  credit_account bigint not null,
  amount bigint not null,
  id uuid not null,
  cause_id uuid not null,
  reward_id uuid,
  kind text not null,
  currency text not null,
  cashout_id uuid,
  constraint transfers_have_two_sides CHECK ((debit_account <> credit_account)),
  constraint transfers_move_a_positive_amount CHECK ((amount > 0)),
  constraint transfers_move_what_every_boundary_can_carry CHECK ((amount <= '9007199254740991'::bigint)),
  constraint transfers_pkey PRIMARY KEY (id, posted_at),
  constraint transfers_take_effect_at_an_instant CHECK (isfinite(effective_at)),
  constraint transfers_take_effect_in_the_years_1_to_9999 CHECK (((effective_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (effective_at < '10000-01-01 00:00:00+00'::timestamp with time zone))) NOT VALID
) partition by RANGE (posted_at);
CREATE INDEX transfers_by_time ON ONLY public.transfers USING brin (posted_at) WITH (pages_per_range='32', autosummarize='on');
CREATE TRIGGER transfers_are_carried_out AFTER INSERT ON public.transfers REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION carry_out_transfers();
CREATE TRIGGER transfers_are_never_changed BEFORE DELETE OR UPDATE ON public.transfers FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER transfers_are_never_emptied BEFORE TRUNCATE ON public.transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant select on transfers to service;

create table unmatched_settlements (
  line_id uuid not null,
  provider text not null,
  reason text not null,
  seen text not null,
  constraint unmatched_settlements_have_a_plain_reason CHECK ((reason ~ '^[a-z][a-z_]{0,63}$'::text)),
  constraint unmatched_settlements_line_id_fkey FOREIGN KEY (line_id) REFERENCES settlement_lines(id),
  constraint unmatched_settlements_pkey PRIMARY KEY (line_id)
);
CREATE INDEX unmatched_settlements_by_provider ON public.unmatched_settlements USING btree (provider, line_id);
grant insert, select on unmatched_settlements to service;
grant update on unmatched_settlements (reason) to service;
grant update on unmatched_settlements (seen) to service;

create table verification_progress (
  only_row boolean not null default true,
  batch bigint not null default 0,
  posted_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  hash bytea not null default decode(repeat('00'::text, 32), 'hex'::text),
  last_transfer bigint not null default 0,
  last_account bigint not null default 0,
  compared_to timestamp with time zone not null default '-infinity'::timestamp with time zone,
  status text not null default 'passed'::text,
  ran_at timestamp with time zone,
  report jsonb,
  told_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  told_batch bigint not null default 0,
  standing jsonb not null default '[]'::jsonb,
  kinds jsonb not null default '[]'::jsonb,
  constraint verification_progress_has_a_known_status CHECK ((status = ANY (ARRAY['passed'::text, 'failed'::text, 'incomplete'::text]))),
  constraint verification_progress_is_one_row CHECK (only_row),
  constraint verification_progress_pkey PRIMARY KEY (only_row)
) with (fillfactor=10);
grant select, update on verification_progress to service;

create table verifications (
  id uuid not null,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone not null,
  status text not null,
  result jsonb not null,
  kind text not null default 'full'::text,
  from_batch bigint,
  to_batch bigint,
  constraint verifications_are_of_a_known_kind CHECK ((kind = ANY (ARRAY['full'::text, 'incremental'::text]))),
  constraint verifications_have_a_known_status CHECK ((status = ANY (ARRAY['passed'::text, 'failed'::text, 'incomplete'::text]))),
  constraint verifications_pkey PRIMARY KEY (id)
);
CREATE INDEX verifications_by_kind_and_time ON public.verifications USING btree (kind, started_at DESC);
CREATE TRIGGER verifications_are_never_changed BEFORE DELETE OR UPDATE ON public.verifications FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER verifications_are_never_emptied BEFORE TRUNCATE ON public.verifications FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
grant insert, select on verifications to service;

create table verified_cashouts (
  cashout_id uuid not null,
  user_id uuid not null,
  provider text,
  currency text not null,
  in_payout bigint not null default 0,
  paid bigint not null default 0,
  returned bigint not null default 0,
  bounced bigint not null default 0,
  reserved_at timestamp with time zone,
  constraint verified_cashouts_pkey PRIMARY KEY (cashout_id)
) with (fillfactor=80);
grant insert, select, truncate, update on verified_cashouts to service;

create table verified_rewards (
  reward_id uuid not null,
  user_id uuid not null,
  currency text not null,
  pending bigint not null default 0,
  held_pending bigint not null default 0,
  released bigint not null default 0,
  held_released bigint not null default 0,
  reversed bigint not null default 0,
  hold_sequence integer not null default 0,
  is_held boolean not null default false,
  constraint verified_rewards_pkey PRIMARY KEY (reward_id)
) with (fillfactor=80);
grant insert, select, truncate, update on verified_rewards to service;

create sequence outbox_seq;
grant usage on sequence outbox_seq to service;

CREATE OR REPLACE FUNCTION public.account_bytes(id bigint, kind text, user_id uuid, provider text, currency text)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select int8send(id) || text_bytes(kind) || coalesce('\x01' || uuid_send(user_id), '\x00')
    || coalesce('\x01' || text_bytes(provider), '\x00') || text_bytes(currency)
$function$
;
grant execute on function account_bytes(id bigint, kind text, user_id uuid, provider text, currency text) to public;

CREATE OR REPLACE FUNCTION public.answered_hash(since timestamp with time zone, until timestamp with time zone)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select sha256(coalesce(string_agg(cause_bytes(cause_id, fingerprint, outcome, reason) || timestamptz_send(posted_at), ''
    order by posted_at, cause_id, fingerprint), ''))
  from (
    select posted_at, cause_id, fingerprint, outcome, reason from causes where posted_at >= since and posted_at < until
    union all
    select posted_at, cause_id, fingerprint, 'conflict', 'conflict' from cause_conflicts where posted_at >= since and posted_at < until
  ) answered
$function$
;
grant execute on function answered_hash(since timestamp with time zone, until timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.archive_bytes(archive archives)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select int4send(archive.number) || timestamptz_send(archive.retained_from)
    || int8send(archive.last_batch) || timestamptz_send(archive.last_instant) || archive.last_hash
    || int8send(archive.last_transfer) || int8send(archive.last_account) || int8send(archive.transfers)
    || int8send(archive.entries) || text_bytes(archive.file_name) || archive.file_sha256 || archive.openings_sha256
    || archive.positions_sha256 || archive.accounts_sha256 || archive.causes_sha256 || archive.previous_sha256
    || timestamptz_send(archive.posted_at)
$function$
;
grant execute on function archive_bytes(archive archives) to public;

CREATE OR REPLACE FUNCTION public.archive_ledger(until timestamp with time zone, file text, file_hash bytea, file_transfers bigint, file_entries bigint)
 RETURNS archives
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  head ledger_head;
  before archives;
  made archives;
  body bytea;
begin
  perform lock_ledger();
  select * into strict head from ledger_head;
  select * into before from archives order by number desc limit 1;
  if until <= retained_from() or head.posted_at < until then
    raise exception 'only what is older than something that was posted, and kept, can be archived'
      using errcode = 'object_not_in_prerequisite_state';
  end if;
  made.number := coalesce(before.number, 0) + 1;
  made.retained_from := until;
  made.file_name := file;
  made.file_sha256 := file_hash;
  made.posted_at := greatest(clock_timestamp(), head.posted_at + interval '1 microsecond');

  perform write_openings(made.number, retained_from(), until);
  select number, posted_at, hash, last_transfer, last_account
  into strict made.last_batch, made.last_instant, made.last_hash, made.last_transfer, made.last_account
  from batches where posted_at < until order by posted_at desc limit 1;
  if not exists (select from checkpoints where last_batch = made.last_batch and chain_hash = made.last_hash) then
    raise exception 'no checkpoint ends where this would be cut' using errcode = 'object_not_in_prerequisite_state';
  end if;
  select count(*) into made.transfers from transfers where posted_at >= retained_from() and posted_at < until;
  select count(*) into made.entries from ledger_entries where posted_at >= retained_from() and posted_at < until;
  if (made.transfers, made.entries) <> (file_transfers, file_entries) then
    raise exception 'the file has % transfers and % entries, the ledger % and %', file_transfers, file_entries, made.transfers,
      made.entries using errcode = 'data_exception';
  end if;
  made.openings_sha256 := openings_hash(made.number);
  made.positions_sha256 := opening_positions_hash(made.number);
  made.accounts_sha256 := opened_hash(retained_from(), until);
  made.causes_sha256 := answered_hash(retained_from(), until);
  made.previous_sha256 := case when before.number is null then decode(repeat('00', 32), 'hex') else sha256(archive_bytes(before)) end;
  insert into archives select made.*;

  body := body_hash('', '', '', archive_bytes(made));
  update ledger_head set batch = head.batch + 1, posted_at = made.posted_at,
    hash = chain_hash(head.hash, head.batch + 1, made.posted_at, body)
  returning * into head;
  insert into batches (number, posted_at, last_transfer, transfers, last_account, body, hash)
  values (head.batch, head.posted_at, head.last_transfer, 0, head.last_account, body, head.hash);
  return made;
end $function$
;

CREATE OR REPLACE FUNCTION public.balance_as_of(account bigint, instant timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  last_version bigint := version_as_of(account, instant);
begin
  return coalesce((select balance_after from ledger_entries where account_id = account and version = last_version), 0);
end $function$
;
grant execute on function balance_as_of(account bigint, instant timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.balance_in_effect(account bigint, instant timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET "TimeZone" TO 'UTC'
AS $function$
declare
  account_sign smallint;
  lateness interval;
  earliness interval;
  recorded record;
  first_version bigint;
  last_version bigint;
  late bigint := 0;
  early bigint := 0;
  archived_early bigint := 0;
begin
  select sign, max_lateness, max_earliness into account_sign, lateness, earliness from balances where account_id = account;
  recorded := position_as_of(account, instant);
  if lateness > interval '0' then
    last_version := (position_as_of(account, instant + lateness)).version;
    select coalesce(sum(case side when 'C' then amount else -amount end), 0) into late from ledger_entries
    where account_id = account and version > recorded.version and version <= last_version
      and posted_at > instant and posted_at <= instant + lateness and effective_at <= instant;
  end if;
  if earliness > interval '0' then
    -- An instant can lie so far ahead that the time as long before is none that there is.
    earliness := least(earliness, instant - timestamptz '0001-01-01 BC');
    first_version := (position_as_of(account, instant - earliness)).version;
    select coalesce(sum(case side when 'C' then amount else -amount end), 0) into early from ledger_entries
    where account_id = account and version > first_version and version <= recorded.version
      and posted_at > instant - earliness and posted_at <= instant and effective_at > instant;
    select coalesce(sum(change), 0) into archived_early from opening_early_entries
    where account_id = account and effective_at > instant;
  end if;
  return coalesce(recorded.balance, 0) + account_sign * (late - early) - archived_early;
end $function$
;
grant execute on function balance_in_effect(account bigint, instant timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.body_hash(accounts bytea, causes bytea, transfers bytea)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select sha256(int8send(length(accounts)) || accounts || int8send(length(causes)) || causes
    || int8send(length(transfers)) || transfers)
$function$
;
grant execute on function body_hash(accounts bytea, causes bytea, transfers bytea) to public;

CREATE OR REPLACE FUNCTION public.body_hash(accounts bytea, causes bytea, transfers bytea, archive bytea)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select sha256(int8send(length(accounts)) || accounts || int8send(length(causes)) || causes
    || int8send(length(transfers)) || transfers || coalesce(int8send(length(archive)) || archive, ''))
$function$
;
grant execute on function body_hash(accounts bytea, causes bytea, transfers bytea, archive bytea) to public;

CREATE OR REPLACE FUNCTION public.carry_out_transfers()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET enable_hashjoin TO 'on'
AS $function$
declare
  asked bigint;
  permitted bigint;
  instant timestamptz;
  last_instant timestamptz;
  moved position_movement[];
  without_position bigint := 0;
begin
  with sides as (
    select debit_account as account_id, amount as debit, 0 as credit, posted_at, effective_at from inserted
    union all
    select credit_account, 0, amount, posted_at, effective_at from inserted
  ), folded as (
    select account_id, sum(debit)::bigint as debits, sum(credit)::bigint as credits, count(*) as entries,
      min(posted_at) as posted_at, min(effective_at) as first_effective, max(effective_at) as last_effective
    from sides group by account_id
  ), balanced as (
    update balances b
    set debits = b.debits + f.debits, credits = b.credits + f.credits, version = b.version + f.entries,
      max_lateness = greatest(b.max_lateness, f.posted_at - f.first_effective),
      max_earliness = greatest(b.max_earliness, f.last_effective - f.posted_at)
    from folded f where b.account_id between f.account_id and f.account_id
    returning b.account_id, b.version - f.entries as version, b.balance - b.sign * (f.credits - f.debits) as balance, f.entries,
      b.sign, b.guarded, b.kind, b.currency, b.user_id, b.provider
  ), movements as materialized (
    select kind, debit_kind, credit_kind, same_owner, position_of, position_from, position_to from permitted_movements
  ), permitted_transfers as materialized (
    select t.posted_at, m.position_of, m.position_from, t.number, t.id, t.effective_at, t.amount,
      t.debit_account, d.version as d_version, d.balance as d_balance, d.entries as d_entries, d.sign as d_sign, d.guarded as d_guarded,
      t.credit_account, c.version as c_version, c.balance as c_balance, c.entries as c_entries, c.sign as c_sign, c.guarded as c_guarded,
      t.reward_id, coalesce(d.user_id, c.user_id) as user_id, t.currency, t.cashout_id,
      coalesce(d.provider, c.provider) as provider, m.position_to
    from inserted t
    join balanced d on d.account_id = t.debit_account
    join balanced c on c.account_id = t.credit_account
    join movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    where d.currency is not distinct from t.currency and c.currency is not distinct from t.currency
      and (not m.same_owner or d.user_id is not distinct from c.user_id)
      and (m.position_of is distinct from 'reward' or t.reward_id is not null)
      and (m.position_of is distinct from 'cashout' or t.cashout_id is not null)
      and (t.reward_id is null or t.cashout_id is null)
  ), granted as (
    insert into reward_positions (reward_id, user_id, currency, granted, pending)
    select reward_id, user_id, currency, amount, amount from permitted_transfers
    where position_of = 'reward' and position_from is null
  ), legs as (
    select posted_at, number, id, effective_at, amount, 'D'::"char" as side, debit_account as account_id, -amount as change,
      d_version as version, d_balance as balance, d_entries as entries, d_sign as sign, d_guarded as guarded
    from permitted_transfers
    union all
    select posted_at, number, id, effective_at, amount, 'C'::"char", credit_account, amount, c_version, c_balance, c_entries, c_sign,
      c_guarded
    from permitted_transfers
  ), entries as (
    insert into ledger_entries (account_id, version, posted_at, effective_at, amount, balance_after, transfer_id, side)
    select account_id, version, posted_at, effective_at, amount,
      case when guarded and balance_after < 0 then refuse_overdraft() else balance_after end, id, side
    from (
      -- Most accounts have one entry in a batch, which needs no order.
      select account_id, version + 1 as version, posted_at, effective_at, amount, balance + sign * change as balance_after, id, side,
        guarded
      from legs where entries = 1
      union all
      select account_id, version + row_number() over entries_before, posted_at, effective_at, amount,
        balance + (sign * sum(change) over entries_before)::bigint, id, side, guarded
      from legs where entries > 1
      window entries_before as (partition by account_id order by number rows unbounded preceding)
    ) sides_after
  )
  select (select count(*) from inserted), count(*), min(posted_at), max(posted_at),
    array_agg((reward_id, cashout_id, user_id, provider, currency, amount, position_from, position_to)::position_movement)
      filter (where position_from is not null or position_of = 'cashout')
  into asked, permitted, instant, last_instant, moved
  from permitted_transfers;
  if permitted <> asked then
    raise exception 'transfers only make permitted movements, in one currency, of what they belong to'
      using errcode = 'check_violation', constraint = 'transfers_are_permitted_movements';
  end if;
  if last_instant > instant then
    raise exception 'transfers are posted in batches, each at one instant'
      using errcode = 'check_violation', constraint = 'transfers_of_a_batch_share_its_instant';
  end if;
  -- After the statement above, so that a reward granted and moved in one batch is there.
  if moved is not null then
    if (select bool_or(reward_id is not null) from unnest(moved)) then
      without_position := move_reward_positions(moved);
    end if;
    if (select bool_or(cashout_id is not null) from unnest(moved)) then
      without_position := without_position + move_cashout_positions(moved, instant);
    end if;
    if without_position <> 0 then
      raise exception 'a movement of a reward or a cashout needs its position'
        using errcode = 'check_violation', constraint = 'movements_have_a_position';
    end if;
  end if;
  return null;
end $function$
;
grant execute on function carry_out_transfers() to public;

CREATE OR REPLACE FUNCTION public.cause_bytes(cause_id uuid, fingerprint bytea, outcome text, reason text)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select uuid_send(cause_id) || fingerprint || text_bytes(outcome) || coalesce('\x01' || text_bytes(reason), '\x00')
$function$
;
grant execute on function cause_bytes(cause_id uuid, fingerprint bytea, outcome text, reason text) to public;

CREATE OR REPLACE FUNCTION public.chain_hash(previous bytea, number bigint, posted_at timestamp with time zone, body bytea)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select sha256(previous || int8send(number) || timestamptz_send(posted_at) || body)
$function$
;
grant execute on function chain_hash(previous bytea, number bigint, posted_at timestamp with time zone, body bytea) to public;

CREATE OR REPLACE FUNCTION public.computed_balances()
 RETURNS TABLE(account_id bigint, sign smallint, guarded boolean, debits bigint, credits bigint, version bigint, max_lateness interval, max_earliness interval)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select a.id, k.sign, k.guarded, coalesce(o.debits, 0) + coalesce(s.debits, 0), coalesce(o.credits, 0) + coalesce(s.credits, 0),
    coalesce(o.version, 0) + coalesce(s.entries, 0),
    -- How late and early archived entries were is not written down: it only says how far a reader has to look.
    greatest(s.lateness, interval '0', case when o.version is not null then b.max_lateness end),
    greatest(s.earliness, interval '0', case when o.version is not null then b.max_earliness end)
  from accounts a
  join account_kinds k on k.kind = a.kind
  left join balances b on b.account_id = a.id
  left join lateral (
    select version, debits, credits from opening_balances where account_id = a.id order by archive desc limit 1
  ) o on true
  left join (
    select side.account_id, sum(side.debit)::bigint as debits, sum(side.credit)::bigint as credits, count(*) as entries,
      max(t.posted_at - t.effective_at) as lateness, max(t.effective_at - t.posted_at) as earliness
    from transfers t
    cross join lateral (values (t.debit_account, t.amount, 0::bigint), (t.credit_account, 0::bigint, t.amount))
      as side (account_id, debit, credit)
    where t.posted_at >= retained_from()
    group by side.account_id
  ) s on s.account_id = a.id
$function$
;
grant execute on function computed_balances() to service;

CREATE OR REPLACE FUNCTION public.computed_cashout_positions()
 RETURNS TABLE(cashout_id uuid, user_id uuid, provider text, currency text, reserved bigint, in_payout bigint, paid bigint, returned bigint, bounced bigint, reserved_at timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  with steps as (
    select t.cashout_id, t.number, t.posted_at, t.amount, t.currency, d.user_id, c.provider, m.position_from as source,
      m.position_to as target
    from transfers t
    join accounts d on d.id = t.debit_account
    join accounts c on c.id = t.credit_account
    join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    where m.position_of = 'cashout' and t.posted_at >= retained_from()
  ), opening as (
    select distinct on (cashout_id) * from opening_cashout_positions order by cashout_id, archive desc
  ), latest as (
    -- A cashout moves whole, so it is all where its last transfer put it.
    select distinct on (cashout_id) cashout_id, target from (
      select cashout_id, number, target from steps
      union all
      select cashout_id, 0, case when in_payout > 0 then 'in_payout' when paid > 0 then 'paid' when returned > 0 then 'returned'
        else 'bounced' end from opening
    ) placed order by cashout_id, number desc
  )
  select r.cashout_id, r.user_id, coalesce((select max(p.provider) from steps p where p.cashout_id = r.cashout_id), r.provider), r.currency, r.amount,
    case when l.target = 'in_payout' then r.amount else 0 end, case when l.target = 'paid' then r.amount else 0 end,
    case when l.target = 'returned' then r.amount else 0 end, case when l.target = 'bounced' then r.amount else 0 end,
    r.posted_at
  from (
    select cashout_id, user_id, null as provider, currency, amount, posted_at from steps where source is null
    union all
    select o.cashout_id, p.user_id, p.provider, p.currency, o.reserved, p.reserved_at
    from opening o join cashout_positions p on p.cashout_id = o.cashout_id
  ) r
  join latest l on l.cashout_id = r.cashout_id
$function$
;
grant execute on function computed_cashout_positions() to service;

CREATE OR REPLACE FUNCTION public.computed_reward_positions()
 RETURNS TABLE(reward_id uuid, user_id uuid, currency text, granted bigint, pending bigint, released bigint, reversed bigint, held_pending bigint, held_released bigint, hold_sequence integer, is_held boolean)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  with steps as (
    select t.reward_id, t.amount, t.currency, c.user_id, m.position_from as source, m.position_to as target
    from transfers t
    join accounts d on d.id = t.debit_account
    join accounts c on c.id = t.credit_account
    join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
    where m.position_of = 'reward' and t.posted_at >= retained_from()
  ), opening as (
    select distinct on (reward_id) * from opening_reward_positions order by reward_id, archive desc
  ), places as (
    select reward_id, target as place, amount from steps
    union all
    select reward_id, source, -amount from steps where source is not null
    union all
    select reward_id, place, amount from opening
    cross join lateral (values ('pending', pending), ('released', released), ('reversed', reversed),
      ('held_pending', held_pending), ('held_released', held_released)) as v (place, amount)
  ), sums as (
    select reward_id, coalesce(sum(amount) filter (where place = 'pending'), 0)::bigint as pending,
      coalesce(sum(amount) filter (where place = 'released'), 0)::bigint as released,
      coalesce(sum(amount) filter (where place = 'reversed'), 0)::bigint as reversed,
      coalesce(sum(amount) filter (where place = 'held_pending'), 0)::bigint as held_pending,
      coalesce(sum(amount) filter (where place = 'held_released'), 0)::bigint as held_released
    from places group by reward_id
  ), holds as (
    -- The highest sequence says how a reward stands; what was refused or came too late never counted.
    select subject_id as reward_id, max(detail::int) as sequence
    from causes
    where kind in ('hold', 'resume') and outcome <> 'refused' and reason is distinct from 'hold_superseded'
    group by subject_id
  )
  select granting.reward_id, granting.user_id, granting.currency, granting.amount, s.pending, s.released, s.reversed,
    s.held_pending, s.held_released, coalesce(h.sequence, 0),
    h.sequence is not null and exists (select from causes c where c.kind = 'hold' and c.subject_id = h.reward_id
      and c.detail::int = h.sequence and c.outcome <> 'refused' and c.reason is distinct from 'hold_superseded')
  from (
    select reward_id, user_id, currency, amount from steps where source is null
    union all
    -- Who it was granted to is not computed anew: its transfer is in the archive.
    select o.reward_id, p.user_id, p.currency, o.granted from opening o join reward_positions p on p.reward_id = o.reward_id
  ) granting
  join sums s on s.reward_id = granting.reward_id
  left join holds h on h.reward_id = granting.reward_id
$function$
;
grant execute on function computed_reward_positions() to service;

CREATE OR REPLACE FUNCTION public.day_of_uuid(id uuid)
 RETURNS date
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select (to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0) at time zone 'utc')::date
$function$
;
grant execute on function day_of_uuid(id uuid) to public;

CREATE OR REPLACE FUNCTION public.decide_adjustments_once()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
end $function$
;
grant execute on function decide_adjustments_once() to public;

CREATE OR REPLACE FUNCTION public.drop_partitions_before(parent text, bound date)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  partition record;
  waiting boolean;
  dropped int := 0;
begin
  if parent not in ('inbox', 'outbox') then
    raise exception 'partitions of % are kept', parent;
  end if;
  -- Rather try again at the next turn than make writers queue behind us.
  perform set_config('lock_timeout', '500ms', true);
  for partition in
    select child.relname as name from pg_inherits
    join pg_class child on child.oid = inhrelid
    where inhparent = format('public.%I', parent)::regclass
      and right(child.relname, 8) < to_char(bound, 'YYYYMMDD')
    order by child.relname
  loop
    if parent = 'outbox' then
      execute format(
        'select exists (select from public.%I row
           left join relay_checkpoints checkpoint on checkpoint.stream = ''outbox''
           where checkpoint.stream is null or (row.xid, row.seq) > (checkpoint.xid, checkpoint.seq))',
        partition.name) into waiting;
      continue when waiting;
    end if;
    execute format('drop table public.%I', partition.name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $function$
;
grant execute on function drop_partitions_before(parent text, bound date) to service;

CREATE OR REPLACE FUNCTION public.ensure_partitions(parent text, kind text, ahead integer, behind integer DEFAULT 2)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  step interval := case kind when 'month' then interval '1 month' else interval '1 day' end;
  this_period timestamp := date_trunc(case kind when 'month' then 'month' else 'day' end, now() at time zone 'utc');
  starts timestamp;
  partition text;
begin
  if kind not in ('day', 'month', 'uuid-day') then
    raise exception 'unknown kind of partition: %', kind;
  end if;
  -- One at a time: two processes must not make the same partition twice.
  perform pg_advisory_xact_lock(hashtextextended('ensure_partitions:' || parent, 0));
  for period in -behind .. ahead loop
    starts := this_period + period * step;
    partition := parent || '_' || to_char(starts, case kind when 'month' then 'YYYYMM' else 'YYYYMMDD' end);
    continue when to_regclass(format('public.%I', partition)) is not null;
    execute format('create table public.%I (like public.%I including all)', partition, parent);
    execute format('alter table public.%I attach partition public.%I for values from (%L) to (%L)',
      parent, partition, partition_bound(kind, starts), partition_bound(kind, starts + step));
  end loop;
  return ahead;
end $function$
;
grant execute on function ensure_partitions(parent text, kind text, ahead integer, behind integer) to service;

CREATE OR REPLACE FUNCTION public.keep_append_only(tables text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  name text;
begin
  foreach name in array tables loop
    execute format('create trigger %1$I before update or delete on public.%2$I
      for each row execute function refuse_to_change_history()', name || '_are_never_changed', name);
    execute format('create trigger %1$I before truncate on public.%2$I
      for each statement execute function refuse_to_change_history()', name || '_are_never_emptied', name);
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION public.leave_the_queues()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
begin
  delete from unmatched_settlements u using closed where u.line_id = closed.line_id;
  delete from outstanding_settlements o using closed where o.cashout_id = closed.cashout_id and o.type = closed.type;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.load_books(cause_ids uuid[], reward_ids uuid[], cashout_ids uuid[], owners uuid[], owner_currencies text[], program_currencies text[])
 RETURNS TABLE(last_account bigint, causes json, rewards json, cashouts json, refused_cashouts uuid[], program_accounts json, account_owners integer[], account_kinds text[], account_ids bigint[], account_debits bigint[], account_credits bigint[])
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
begin
  perform lock_ledger();
  return query
  select h.last_account,
    (select json_agg(json_build_array(c.cause_id, encode(c.fingerprint, 'hex'), c.conflict)) from (
      select cause_id, fingerprint, false as conflict from causes where cause_id = any(cause_ids)
      union all
      select cause_id, fingerprint, true from cause_conflicts where cause_id = any(cause_ids)) c),
    (select json_agg(json_build_array(reward_id, user_id, currency, granted::text, pending::text, held_pending::text, released::text,
       held_released::text, reversed::text, hold_sequence, is_held))
     from reward_positions where reward_id = any(reward_ids)),
    case when cashout_ids <> '{}' then
      (select json_agg(json_build_array(cashout_id, user_id, provider, currency, reserved::text, in_payout::text, paid::text,
         returned::text, bounced::text))
       from cashout_positions where cashout_id = any(cashout_ids)) end,
    case when cashout_ids <> '{}' then
      (select array_agg(subject_id) from causes where kind = 'reserve' and outcome = 'refused' and subject_id = any(cashout_ids)) end,
    case when program_currencies <> '{}' then
      (select json_agg(json_build_array(account_id::text, kind, provider, currency, debits::text, credits::text))
       from balances where user_id is null and currency = any(program_currencies)) end,
    a.*
  from ledger_head h, (
    select array_agg(o.n::int), array_agg(b.kind), array_agg(b.account_id), array_agg(b.debits), array_agg(b.credits)
    from unnest(owners, owner_currencies) with ordinality as o (user_id, currency, n)
    cross join lateral (
      select account_id, kind, debits, credits from balances where user_id = o.user_id and currency = o.currency offset 0
    ) b
  ) a;
end $function$
;
grant execute on function load_books(cause_ids uuid[], reward_ids uuid[], cashout_ids uuid[], owners uuid[], owner_currencies text[], program_currencies text[]) to service;

CREATE OR REPLACE FUNCTION public.lock_checkpoints()
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select pg_advisory_xact_lock(hashtextextended('ledger checkpoints', 0))
$function$
;
grant execute on function lock_checkpoints() to public;
grant execute on function lock_checkpoints() to service;

CREATE OR REPLACE FUNCTION public.lock_ledger()
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select pg_advisory_xact_lock(hashtextextended('ledger', 0))
$function$
;
grant execute on function lock_ledger() to public;
grant execute on function lock_ledger() to service;

CREATE OR REPLACE FUNCTION public.move_cashout_positions(movements position_movement[], instant timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  with moved as (
    select cashout_id, user_id, currency, min(provider) as provider, count(distinct provider) as providers,
      coalesce(sum(amount) filter (where source is null), 0)::bigint as reserved, count(*) filter (where source is null) as reservations,
      sum(case 'in_payout' when target then amount when source then -amount else 0 end)::bigint as in_payout,
      sum(case 'paid' when target then amount when source then -amount else 0 end)::bigint as paid,
      sum(case 'returned' when target then amount else 0 end)::bigint as returned,
      sum(case 'bounced' when target then amount else 0 end)::bigint as bounced
    from unnest(movements) where cashout_id is not null
    group by cashout_id, user_id, currency
  ), reserved as (
    insert into cashout_positions (cashout_id, user_id, provider, currency, reserved, in_payout, paid, returned, bounced, reserved_at)
    select cashout_id, user_id, provider, currency, reserved, in_payout, paid, returned, bounced, instant
    from moved where reservations = 1 and providers <= 1
    returning 1
  ), found as (
    update cashout_positions p
    set provider = coalesce(moved.provider, p.provider), in_payout = p.in_payout + moved.in_payout,
      paid = p.paid + moved.paid, returned = p.returned + moved.returned, bounced = p.bounced + moved.bounced
    from moved
    where p.cashout_id between moved.cashout_id and moved.cashout_id and p.user_id = moved.user_id and p.currency = moved.currency
      and moved.reservations = 0 and moved.providers <= 1 and coalesce(p.provider, moved.provider) is not distinct from
        coalesce(moved.provider, p.provider)
    returning 1
  )
  select (select count(*) from moved) - (select count(*) from reserved) - (select count(*) from found)
$function$
;

CREATE OR REPLACE FUNCTION public.move_reward_positions(movements position_movement[])
 RETURNS bigint
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  with moved as (
    select reward_id, user_id, currency,
      sum(case 'pending' when target then amount when source then -amount else 0 end)::bigint as pending,
      sum(case 'held_pending' when target then amount when source then -amount else 0 end)::bigint as held_pending,
      sum(case 'released' when target then amount when source then -amount else 0 end)::bigint as released,
      sum(case 'held_released' when target then amount when source then -amount else 0 end)::bigint as held_released,
      sum(case 'reversed' when target then amount else 0 end)::bigint as reversed
    from unnest(movements) where reward_id is not null
    group by reward_id, user_id, currency
  ), found as (
    update reward_positions p
    set pending = p.pending + moved.pending, held_pending = p.held_pending + moved.held_pending,
      released = p.released + moved.released, held_released = p.held_released + moved.held_released,
      reversed = p.reversed + moved.reversed
    from moved
    where p.reward_id between moved.reward_id and moved.reward_id and p.user_id = moved.user_id and p.currency = moved.currency
    returning 1
  )
  select (select count(*) from moved) - (select count(*) from found)
$function$
;

CREATE OR REPLACE FUNCTION public.opened_hash(since timestamp with time zone, until timestamp with time zone)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select sha256(coalesce(string_agg(account_bytes(id, kind, user_id, provider, currency) || timestamptz_send(opened_at), ''
    order by id), ''))
  from accounts where opened_at >= since and opened_at < until
$function$
;
grant execute on function opened_hash(since timestamp with time zone, until timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.opening_positions_hash(of_archive integer)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select sha256(
    coalesce((select string_agg(uuid_send(reward_id) || int8send(granted) || int8send(pending) || int8send(held_pending)
        || int8send(released) || int8send(held_released) || int8send(reversed), '' order by reward_id)
      from opening_reward_positions where archive = of_archive), '')
    || '\x01' || coalesce((select string_agg(uuid_send(cashout_id) || int8send(reserved) || int8send(in_payout)
        || int8send(paid) || int8send(returned) || int8send(bounced), '' order by cashout_id)
      from opening_cashout_positions where archive = of_archive), '')
    || '\x02' || coalesce((select string_agg(int8send(account_id) || int8send(version) || timestamptz_send(effective_at)
        || int8send(change), '' order by account_id, version)
      from opening_early_entries where archive = of_archive), ''))
$function$
;
grant execute on function opening_positions_hash(of_archive integer) to public;

CREATE OR REPLACE FUNCTION public.openings_hash(of_archive integer)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select sha256(coalesce(string_agg(int8send(account_id) || int8send(version) || int8send(debits) || int8send(credits)
    || int8send(balance), '' order by account_id), ''))
  from opening_balances where archive = of_archive
$function$
;
grant execute on function openings_hash(of_archive integer) to public;

CREATE OR REPLACE FUNCTION public.partition_bound(kind text, at timestamp without time zone)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select case kind
    when 'day' then to_char(at, 'YYYY-MM-DD')
    when 'month' then to_char(at, 'YYYY-MM-DD') || ' 00:00:00+00'
    -- The first 48 bits of a UUIDv7 are milliseconds since 1970.
    else regexp_replace(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0'), '^(.{8})(.{4})$',
      '\1-\2-0000-0000-000000000000')
  end
$function$
;
grant execute on function partition_bound(kind text, at timestamp without time zone) to public;

CREATE OR REPLACE FUNCTION public.position_as_of(account bigint, instant timestamp with time zone, OUT version bigint, OUT balance bigint)
 RETURNS record
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  low_time timestamptz := '-infinity';
  high bigint;
  middle bigint;
  middle_time timestamptz;
begin
  select o.version, o.balance into version, balance
  from opening_balances o where o.account_id = account order by o.archive desc limit 1;
  if not found then
    version := 0;
    balance := 0;
  end if;
  select b.version into high from balances b where b.account_id = account;
  while version < high loop
    middle := (version + high + 1) / 2;
    select e.posted_at into middle_time from ledger_entries e
    where e.account_id = account and e.version = middle and e.posted_at between low_time and instant;
    if found then
      version := middle;
      low_time := middle_time;
    else
      high := middle - 1;
    end if;
  end loop;
  if low_time > '-infinity' then
    select e.balance_after into strict balance from ledger_entries e
    where e.account_id = account and e.version = position_as_of.version and e.posted_at = low_time;
  end if;
end $function$
;
grant execute on function position_as_of(account bigint, instant timestamp with time zone, OUT version bigint, OUT balance bigint) to public;

CREATE OR REPLACE FUNCTION public.positions_moved(since timestamp with time zone, until timestamp with time zone)
 RETURNS TABLE(reward_id uuid, cashout_id uuid, amount bigint, moves text, source text, target text)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select t.reward_id, t.cashout_id, t.amount, m.position_of, m.position_from, m.position_to
  from transfers t
  join accounts d on d.id = t.debit_account
  join accounts c on c.id = t.credit_account
  join permitted_movements m on m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind
  where t.posted_at >= since and t.posted_at < until and m.position_of is not null
$function$
;
grant execute on function positions_moved(since timestamp with time zone, until timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.post_batch(opened_ids bigint[], opened_kinds text[], opened_users uuid[], opened_providers text[], opened_currencies text[], answered_ids uuid[], answered_fingerprints bytea[], answered_outcomes text[], answered_reasons text[], answered_posted_before integer[], answered_posted integer[], asked_kinds text[], asked_subjects uuid[], asked_users uuid[], asked_amounts bigint[], asked_currencies text[], asked_details text[], transfer_ids uuid[], transfer_causes uuid[], transfer_kinds text[], transfer_debits bigint[], transfer_credits bigint[], transfer_amounts bigint[], transfer_currencies text[], transfer_rewards uuid[], transfer_cashouts uuid[], transfer_times timestamp with time zone[], hold_rewards uuid[], hold_sequences integer[], hold_states boolean[])
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET jit TO 'off'
AS $function$
declare
  head ledger_head;
  stamp timestamptz;
  opened_bytes bytea;
  answered_bytes bytea;
  posted_bytes bytea;
  body bytea;
  written int;
  count_caused bigint;
  count_counted bigint;
  -- The longest counts: what is missing beside it is missed below.
  count_opened int := greatest(cardinality(opened_ids), cardinality(opened_kinds), 0);
  count_answered int := coalesce(array_length(answered_ids, 1), 0);
  count_posted int := greatest(cardinality(transfer_ids), cardinality(transfer_kinds), 0);
begin
  -- The same lock that the caller took before it loaded what it decided on; taken again, it costs nothing.
  perform lock_ledger();
  select * into strict head from ledger_head;
  -- The clock is read after the lock and never falls behind the batch before, whatever the machine's clock does.
  stamp := greatest(clock_timestamp(), head.posted_at + interval '1 microsecond');

  if count_opened > 0 then
    if exists (select from unnest(opened_ids) with ordinality o (id, n) where id is distinct from head.last_account + n) then
      raise exception 'accounts are numbered without gaps' using errcode = 'check_violation';
    end if;
    insert into accounts (id, kind, user_id, provider, currency, opened_at)
    select id, kind, user_id, provider, currency, stamp
    from unnest(opened_ids, opened_kinds, opened_users, opened_providers, opened_currencies)
      as o (id, kind, user_id, provider, currency);
    insert into balances (account_id, sign, guarded, kind, user_id, provider, currency)
    select o.id, k.sign, k.guarded, o.kind, o.user_id, o.provider, o.currency
    from unnest(opened_ids, opened_kinds, opened_users, opened_providers, opened_currencies)
      as o (id, kind, user_id, provider, currency)
    join account_kinds k on k.kind = o.kind and case k.owner
      when 'user' then o.user_id is not null and o.provider is null
      when 'provider' then o.user_id is null and o.provider is not null
      else o.user_id is null and o.provider is null end;
    get diagnostics written = row_count;
    if written <> count_opened then
      raise exception 'an account belongs to whom its kind says'
        using errcode = 'check_violation', constraint = 'accounts_belong_to_their_kinds_owner';
    end if;
    select string_agg(account_bytes(id, kind, user_id, provider, currency), '' order by id) into opened_bytes
    from unnest(opened_ids, opened_kinds, opened_users, opened_providers, opened_currencies)
      as o (id, kind, user_id, provider, currency);
  end if;

  with answers as materialized (
    select *,
      -- The fingerprint is the hash of what it says was asked. Without a kind it would say nothing.
      outcome <> 'conflict' and kind is not null and fingerprint = sha256(convert_to(concat_ws('/', kind, subject_id,
        coalesce(user_id::text, ''), amount, currency, detail), 'UTF8')) as is_kept,
      outcome = 'conflict' and reason = 'conflict' as is_told
    from unnest(answered_ids, answered_fingerprints, answered_outcomes, answered_reasons, answered_posted_before,
        answered_posted, asked_kinds, asked_subjects, asked_users, asked_amounts, asked_currencies, asked_details)
      as a (cause_id, fingerprint, outcome, reason, posted_before, posted, kind, subject_id, user_id, amount, currency, detail)
  ), kept as (
    insert into causes (cause_id, posted_at, fingerprint, outcome, reason, transfer_ids, kind, subject_id, user_id, amount,
      currency, detail)
    select cause_id, stamp, fingerprint, outcome, reason,
      -- A slice of one costs more than its element.
      case posted when 1 then array[transfer_ids[posted_before + 1]]
        else transfer_ids[posted_before + 1 : posted_before + posted] end,
      kind, subject_id, user_id, amount, currency, detail
    from answers where is_kept
  ), told as (
    insert into cause_conflicts (cause_id, fingerprint, posted_at)
    select cause_id, fingerprint, stamp from answers where is_told
  )
  select count(*) filter (where is_kept or is_told),
    sum(posted) filter (where case
      when outcome <> 'posted' or posted < 1 then false
      when posted = 1 then transfer_causes[posted_before + 1] = cause_id
      else transfer_causes[posted_before + 1 : posted_before + posted] = array_fill(cause_id, array[posted]) end),
    sum(posted), string_agg(cause_bytes(cause_id, fingerprint, outcome, reason), '' order by cause_id, fingerprint)
  into written, count_caused, count_counted, answered_bytes
  from answers;
  if count_answered = 0 or written <> count_answered then
    raise exception 'a batch answers something, and every answer is kept with what was asked, as its fingerprint says'
      using errcode = 'check_violation', constraint = 'batches_keep_every_answer';
  end if;
  if coalesce(count_caused, 0) <> count_posted or count_counted is distinct from count_posted then
    raise exception 'a transfer belongs to the cause that it is counted with'
      using errcode = 'check_violation', constraint = 'transfers_belong_to_one_cause';
  end if;

  if count_posted > 0 then
    with posting as materialized (
      select id, cause_id, t.kind, debit, credit, amount, currency, reward_id, cashout_id, effective_at, head.last_transfer + n as number
      from unnest(transfer_ids, transfer_causes, transfer_kinds, transfer_debits, transfer_credits, transfer_amounts,
        transfer_currencies, transfer_rewards, transfer_cashouts, transfer_times)
        with ordinality as t (id, cause_id, kind, debit, credit, amount, currency, reward_id, cashout_id, effective_at, n)
    ), posted as (
      insert into transfers (posted_at, effective_at, number, debit_account, credit_account, amount, id, cause_id, reward_id,
        cashout_id, kind, currency)
      select stamp, effective_at, number, debit, credit, amount, id, cause_id, reward_id, cashout_id, kind, currency from posting
    )
    select string_agg(transfer_bytes(number, id, cause_id, kind, debit, credit, amount, currency, reward_id, effective_at, cashout_id),
      '' order by number)
    into posted_bytes
    from posting;
  end if;

  if cardinality(hold_rewards) > 0 then
    update reward_positions p set hold_sequence = h.sequence, is_held = h.state
    from unnest(hold_rewards, hold_sequences, hold_states) as h (reward_id, sequence, state)
    where p.reward_id = h.reward_id and h.sequence > p.hold_sequence and not (h.state and p.pending > 0);
    get diagnostics written = row_count;
    if written <> cardinality(hold_rewards) then
      raise exception 'a hold is of a reward, overtakes the one before it, and leaves nothing of it free'
        using errcode = 'check_violation', constraint = 'holds_have_a_reward';
    end if;
  end if;

  body := body_hash(coalesce(opened_bytes, ''), coalesce(answered_bytes, ''), coalesce(posted_bytes, ''));
  update ledger_head set batch = head.batch + 1, posted_at = stamp, last_transfer = head.last_transfer + count_posted,
    last_account = head.last_account + count_opened, hash = chain_hash(head.hash, head.batch + 1, stamp, body)
  returning * into head;
  insert into batches (number, posted_at, last_transfer, transfers, last_account, body, hash)
  values (head.batch, stamp, head.last_transfer, count_posted, head.last_account, body, head.hash);
  return stamp;
end $function$
;
grant execute on function post_batch(opened_ids bigint[], opened_kinds text[], opened_users uuid[], opened_providers text[], opened_currencies text[], answered_ids uuid[], answered_fingerprints bytea[], answered_outcomes text[], answered_reasons text[], answered_posted_before integer[], answered_posted integer[], asked_kinds text[], asked_subjects uuid[], asked_users uuid[], asked_amounts bigint[], asked_currencies text[], asked_details text[], transfer_ids uuid[], transfer_causes uuid[], transfer_kinds text[], transfer_debits bigint[], transfer_credits bigint[], transfer_amounts bigint[], transfer_currencies text[], transfer_rewards uuid[], transfer_cashouts uuid[], transfer_times timestamp with time zone[], hold_rewards uuid[], hold_sequences integer[], hold_states boolean[]) to service;

CREATE OR REPLACE FUNCTION public.prepare_ledger_partitions(months_ahead integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  partition regclass;
  ready int;
begin
  ready := least(ensure_partitions('transfers', 'month', months_ahead),
    ensure_partitions('ledger_entries', 'month', months_ahead));
  for partition in
    select inhrelid::regclass from pg_inherits
    where inhparent in ('public.transfers'::regclass, 'public.ledger_entries'::regclass)
      and not exists (select from pg_trigger where tgrelid = inhrelid and tgname = 'partitions_are_written_through_their_table')
  loop
    execute format('create trigger partitions_are_written_through_their_table before insert or truncate on %s
      for each statement execute function refuse_writes_to_partition()', partition);
  end loop;
  return ready;
end $function$
;
grant execute on function prepare_ledger_partitions(months_ahead integer) to service;

CREATE OR REPLACE FUNCTION public.projection_differences()
 RETURNS TABLE(projection text, id text, was jsonb, computed jsonb)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select 'balances', coalesce(k.account_id, c.account_id)::text, to_jsonb(k) - 'balance', c.computed
  from balances k
  full join (
    select c.account_id,
      to_jsonb(c) || jsonb_build_object('kind', a.kind, 'user_id', a.user_id, 'provider', a.provider, 'currency', a.currency) as computed
    from computed_balances() c join accounts a on a.id = c.account_id
  ) c on c.account_id = k.account_id
  where to_jsonb(k) - 'balance' is distinct from c.computed
  union all
  select 'reward_positions', coalesce(k.reward_id, c.reward_id)::text, to_jsonb(k), to_jsonb(c)
  from reward_positions k full join computed_reward_positions() c on c.reward_id = k.reward_id
  where to_jsonb(k) is distinct from to_jsonb(c)
  union all
  select 'cashout_positions', coalesce(k.cashout_id, c.cashout_id)::text, to_jsonb(k), to_jsonb(c)
  from cashout_positions k full join computed_cashout_positions() c on c.cashout_id = k.cashout_id
  where to_jsonb(k) is distinct from to_jsonb(c)
$function$
;
grant execute on function projection_differences() to service;

CREATE OR REPLACE FUNCTION public.rebuild_projections()
 RETURNS TABLE(projection text, id text, was jsonb, computed jsonb)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
#variable_conflict use_column
begin
  perform lock_ledger();
  create temporary table changes on commit drop as select * from projection_differences();

  delete from balances b using changes c where c.projection = 'balances' and c.id = b.account_id::text;
  insert into balances (account_id, sign, guarded, debits, credits, version, max_lateness, max_earliness, kind, user_id, provider, currency)
  select r.account_id, r.sign, r.guarded, r.debits, r.credits, r.version, r.max_lateness, r.max_earliness, r.kind, r.user_id,
    r.provider, r.currency
  from changes c cross join lateral jsonb_populate_record(null::balances, c.computed) r
  where c.projection = 'balances' and c.computed is not null;

  delete from reward_positions p using changes c where c.projection = 'reward_positions' and c.id = p.reward_id::text;
  insert into reward_positions
  select r.* from changes c cross join lateral jsonb_populate_record(null::reward_positions, c.computed) r
  where c.projection = 'reward_positions' and c.computed is not null;

  delete from cashout_positions p using changes c where c.projection = 'cashout_positions' and c.id = p.cashout_id::text;
  insert into cashout_positions
  select r.* from changes c cross join lateral jsonb_populate_record(null::cashout_positions, c.computed) r
  where c.projection = 'cashout_positions' and c.computed is not null;

  return query select * from changes order by projection, id;
  drop table changes;
end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_loose_checkpoints()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  before checkpoints;
begin
  select * into before from checkpoints order by sequence desc limit 1;
  if new.sequence <> coalesce(before.sequence, 0) + 1 or new.first_batch <> coalesce(before.last_batch, 0) + 1
    or new.previous <> coalesce(before.hash, decode(repeat('00', 32), 'hex'))
    or new.transfers <> new.last_transfer - coalesce(before.last_transfer, 0)
    or not exists (
      select from batches b where b.number = new.last_batch and b.hash = new.chain_hash
        and b.last_transfer = new.last_transfer and b.posted_at = new.posted_up_to
    )
  then
    raise exception 'a checkpoint follows from the one before it and ends at a batch of the chain'
      using errcode = 'check_violation', constraint = 'checkpoints_follow_one_another';
  end if;
  return new;
end $function$
;
grant execute on function refuse_loose_checkpoints() to public;

CREATE OR REPLACE FUNCTION public.refuse_loose_entries()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  -- 1 is this trigger alone; the entries of a transfer are written by a trigger of transfers.
  if pg_trigger_depth() < 2 then
    raise exception 'an entry is only written as a side of its transfer'
      using errcode = 'check_violation', constraint = 'ledger_entries_are_sides_of_transfers';
  end if;
  return null;
end $function$
;
grant execute on function refuse_loose_entries() to public;

CREATE OR REPLACE FUNCTION public.refuse_overdraft()
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception 'a guarded account would go below zero, if only until the next transfer'
    using errcode = 'check_violation', constraint = 'guarded_accounts_never_go_below_zero';
end $function$
;
grant execute on function refuse_overdraft() to public;

CREATE OR REPLACE FUNCTION public.refuse_to_change_history()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception '% of % refused: what is posted stays, post a compensating transfer instead', tg_op, tg_table_name
    using errcode = 'restrict_violation';
end $function$
;
grant execute on function refuse_to_change_history() to public;

CREATE OR REPLACE FUNCTION public.refuse_writes_to_partition()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception '% on the partition % refused', tg_op, tg_table_name using errcode = 'restrict_violation';
end $function$
;
grant execute on function refuse_writes_to_partition() to public;

CREATE OR REPLACE FUNCTION public.retained_from()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
  select coalesce((select retained_from from archives order by number desc limit 1), '-infinity')
$function$
;
grant execute on function retained_from() to public;

CREATE OR REPLACE FUNCTION public.text_bytes(value text)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select int4send(octet_length(value)) || convert_to(value, 'UTF8')
$function$
;
grant execute on function text_bytes(value text) to public;

CREATE OR REPLACE FUNCTION public.transfer_bytes(number bigint, id uuid, cause_id uuid, kind text, debit_account bigint, credit_account bigint, amount bigint, currency text, reward_id uuid, effective_at timestamp with time zone)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select int8send(number) || uuid_send(id) || uuid_send(cause_id) || text_bytes(kind) || int8send(debit_account)
    || int8send(credit_account) || int8send(amount) || text_bytes(currency)
    || coalesce('\x01' || uuid_send(reward_id), '\x00') || timestamptz_send(effective_at)
$function$
;
grant execute on function transfer_bytes(number bigint, id uuid, cause_id uuid, kind text, debit_account bigint, credit_account bigint, amount bigint, currency text, reward_id uuid, effective_at timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.transfer_bytes(number bigint, id uuid, cause_id uuid, kind text, debit_account bigint, credit_account bigint, amount bigint, currency text, reward_id uuid, effective_at timestamp with time zone, cashout_id uuid)
 RETURNS bytea
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select int8send(number) || uuid_send(id) || uuid_send(cause_id) || text_bytes(kind) || int8send(debit_account)
    || int8send(credit_account) || int8send(amount) || text_bytes(currency)
    || coalesce('\x01' || uuid_send(reward_id), '\x00') || timestamptz_send(effective_at)
    || coalesce('\x02' || uuid_send(cashout_id), '')
$function$
;
grant execute on function transfer_bytes(number bigint, id uuid, cause_id uuid, kind text, debit_account bigint, credit_account bigint, amount bigint, currency text, reward_id uuid, effective_at timestamp with time zone, cashout_id uuid) to public;

CREATE OR REPLACE FUNCTION public.version_as_of(account bigint, instant timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  low bigint := 0;
  high bigint;
  middle bigint;
  middle_time timestamptz;
begin
  select version into high from balances where account_id = account;
  while low < high loop
    middle := (low + high + 1) / 2;
    select posted_at into strict middle_time from ledger_entries where account_id = account and version = middle;
    if middle_time <= instant then
      low := middle;
    else
      high := middle - 1;
    end if;
  end loop;
  return low;
end $function$
;
grant execute on function version_as_of(account bigint, instant timestamp with time zone) to public;

CREATE OR REPLACE FUNCTION public.wait_for_postings()
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select pg_advisory_xact_lock_shared(hashtextextended('ledger', 0))
$function$
;
grant execute on function wait_for_postings() to public;

CREATE OR REPLACE FUNCTION public.write_openings(number integer, since timestamp with time zone, until timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  wrong bigint;
begin
  insert into opening_balances (archive, account_id, version, debits, credits, balance)
  select number, m.account_id, m.version, coalesce(o.debits, 0) + m.debits, coalesce(o.credits, 0) + m.credits,
    k.sign * (coalesce(o.credits, 0) + m.credits - coalesce(o.debits, 0) - m.debits)
  from (
    select account_id, max(version) as version, coalesce(sum(amount) filter (where side = 'D'), 0)::bigint as debits,
      coalesce(sum(amount) filter (where side = 'C'), 0)::bigint as credits
    from ledger_entries where posted_at >= since and posted_at < until group by account_id
  ) m
  join accounts a on a.id = m.account_id
  join account_kinds k on k.kind = a.kind
  left join lateral (select debits, credits from opening_balances where account_id = m.account_id order by archive desc limit 1) o on true;

  insert into opening_early_entries (archive, account_id, version, effective_at, change)
  select number, e.account_id, e.version, e.effective_at, k.sign * case e.side when 'C' then e.amount else -e.amount end
  from ledger_entries e
  join accounts a on a.id = e.account_id
  join account_kinds k on k.kind = a.kind
  where e.posted_at >= since and e.posted_at < until and e.effective_at >= until;

  select count(*) into wrong from opening_balances o
  left join ledger_entries e on e.account_id = o.account_id and e.version = o.version and e.posted_at >= since and e.posted_at < until
  where o.archive = number and e.balance_after is distinct from o.balance;
  if wrong <> 0 then
    raise exception '% accounts do not come to what their last entry says: verify the books before anything is archived', wrong
      using errcode = 'data_exception';
  end if;

  insert into opening_reward_positions (archive, reward_id, granted, pending, held_pending, released, held_released, reversed)
  select number, m.reward_id, coalesce(o.granted, 0) + m.granted, coalesce(o.pending, 0) + m.pending,
    coalesce(o.held_pending, 0) + m.held_pending, coalesce(o.released, 0) + m.released,
    coalesce(o.held_released, 0) + m.held_released, coalesce(o.reversed, 0) + m.reversed
  from (
    select reward_id, coalesce(sum(amount) filter (where source is null), 0)::bigint as granted,
      sum(case 'pending' when target then amount when source then -amount else 0 end)::bigint as pending,
      sum(case 'held_pending' when target then amount when source then -amount else 0 end)::bigint as held_pending,
      sum(case 'released' when target then amount when source then -amount else 0 end)::bigint as released,
      sum(case 'held_released' when target then amount when source then -amount else 0 end)::bigint as held_released,
      sum(case 'reversed' when target then amount else 0 end)::bigint as reversed
    from positions_moved(since, until) where moves = 'reward' group by reward_id
  ) m
  left join lateral (select * from opening_reward_positions where reward_id = m.reward_id order by archive desc limit 1) o on true;

  insert into opening_cashout_positions (archive, cashout_id, reserved, in_payout, paid, returned, bounced)
  select number, m.cashout_id, coalesce(o.reserved, 0) + m.reserved, coalesce(o.in_payout, 0) + m.in_payout,
    coalesce(o.paid, 0) + m.paid, coalesce(o.returned, 0) + m.returned, coalesce(o.bounced, 0) + m.bounced
  from (
    select cashout_id, coalesce(sum(amount) filter (where source is null), 0)::bigint as reserved,
      sum(case 'in_payout' when target then amount when source then -amount else 0 end)::bigint as in_payout,
      sum(case 'paid' when target then amount when source then -amount else 0 end)::bigint as paid,
      sum(case 'returned' when target then amount else 0 end)::bigint as returned,
      sum(case 'bounced' when target then amount else 0 end)::bigint as bounced
    from positions_moved(since, until) where moves = 'cashout' group by cashout_id
  ) m
  left join lateral (select * from opening_cashout_positions where cashout_id = m.cashout_id order by archive desc limit 1) o on true;
end $function$
;
