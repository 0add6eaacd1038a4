create table attribution_settings (
  version integer not null,
  model text not null,
  touch_days integer,
  payment_days integer,
  active_from timestamp with time zone not null,
  reason text not null,
  done_by text not null,
  done_at timestamp with time zone not null,
  constraint attribution_settings_count_from_one CHECK ((version >= 1)),
  constraint attribution_settings_have_a_known_model CHECK ((model = ANY (ARRAY['first'::text, 'last'::text]))),
  constraint attribution_settings_have_a_payment_window CHECK (((payment_days >= 1) AND (payment_days <= 3650))),
  constraint attribution_settings_have_a_touch_window CHECK (((touch_days >= 1) AND (touch_days <= 3650))),
  constraint attribution_settings_pkey PRIMARY KEY (version)
);
CREATE TRIGGER attribution_settings_are_append_only BEFORE DELETE OR UPDATE ON public.attribution_settings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER attribution_settings_are_never_emptied BEFORE TRUNCATE ON public.attribution_settings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on attribution_settings to service;

create table cap_counters (
  rule_id uuid not null,
  per text not null,
  every text not null,
  subject text not null,
  period_start timestamp with time zone not null,
  used_amount bigint not null,
  used_count integer not null,
  cap_amount bigint,
  cap_count integer,
  constraint cap_counters_have_a_known_interval CHECK ((every = ANY (ARRAY['day'::text, 'month'::text, 'total'::text]))),
  constraint cap_counters_have_a_known_scope CHECK ((per = ANY (ARRAY['user'::text, 'rule'::text, 'referral'::text]))),
  constraint cap_counters_one_per_period PRIMARY KEY (rule_id, per, every, subject, period_start),
  constraint cap_counters_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES reward_rules(id),
  constraint cap_counters_stay_below_their_cap CHECK (((used_amount >= 0) AND ((cap_amount IS NULL) OR (used_amount <= cap_amount)))),
  constraint cap_counters_stay_below_their_count CHECK (((used_count >= 0) AND ((cap_count IS NULL) OR (used_count <= cap_count))))
) with (fillfactor=80);
grant insert, select on cap_counters to service;
grant update on cap_counters (used_amount) to service;
grant update on cap_counters (used_count) to service;
grant update on cap_counters (cap_amount) to service;
grant update on cap_counters (cap_count) to service;

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

create table decisions (
  event_id uuid not null,
  revision integer not null,
  id uuid not null,
  type text not null,
  external_user_id text,
  outcome text not null,
  reason text,
  reward_ids uuid[] not null,
  trace jsonb not null,
  happened_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  constraint decisions_count_from_one CHECK ((revision >= 1)),
  constraint decisions_have_a_known_outcome CHECK ((outcome = ANY (ARRAY['processed'::text, 'ignored'::text]))),
  constraint decisions_ignored_say_why CHECK (((outcome = 'ignored'::text) = (reason IS NOT NULL))),
  constraint decisions_one_per_event_and_revision PRIMARY KEY (event_id, revision)
);
CREATE INDEX decisions_by_external_user ON public.decisions USING btree (external_user_id, event_id);
CREATE TRIGGER decisions_are_append_only BEFORE DELETE OR UPDATE ON public.decisions FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasure();
CREATE TRIGGER decisions_are_never_emptied BEFORE TRUNCATE ON public.decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on decisions to service;

create table disputes (
  invoice_id text not null,
  dispute_id text not null,
  status text not null,
  amount bigint,
  currency text,
  event_id uuid not null,
  disputed_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  correlation_id uuid not null,
  revision integer not null,
  waits boolean not null,
  constraint disputes_have_a_known_status CHECK ((status = ANY (ARRAY['opened'::text, 'won'::text, 'lost'::text]))),
  constraint disputes_have_a_positive_amount CHECK ((amount > 0)),
  constraint disputes_invoice_id_fkey FOREIGN KEY (invoice_id) REFERENCES invoices(invoice_id),
  constraint disputes_one_per_invoice_dispute_and_status PRIMARY KEY (invoice_id, dispute_id, status)
);
grant insert, select on disputes to service;
grant update on disputes (revision) to service;
grant update on disputes (waits) to service;

create table facts (
  event_id uuid not null,
  type text not null,
  about text not null,
  payload jsonb not null,
  happened_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  constraint facts_pkey PRIMARY KEY (event_id)
);
CREATE INDEX facts_by_type_and_about ON public.facts USING btree (type, about);
CREATE TRIGGER facts_are_append_only BEFORE DELETE OR UPDATE ON public.facts FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasure();
CREATE TRIGGER facts_are_never_emptied BEFORE TRUNCATE ON public.facts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on facts to service;

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

create table invoices (
  invoice_id text not null,
  external_user_id text,
  subscription_id text,
  amount bigint,
  currency text,
  period integer,
  paid_at timestamp with time zone,
  event_id uuid,
  waits boolean not null default false,
  seen_at timestamp with time zone not null,
  constraint invoices_have_a_positive_amount CHECK ((amount > 0)),
  constraint invoices_know_all_of_a_payment_or_nothing CHECK ((num_nulls(external_user_id, subscription_id, amount, currency, paid_at, event_id) = ANY (ARRAY[0, 6]))),
  constraint invoices_pkey PRIMARY KEY (invoice_id)
);
CREATE INDEX invoices_by_customer ON public.invoices USING btree (external_user_id) WHERE (external_user_id IS NOT NULL);
CREATE INDEX invoices_by_subscription ON public.invoices USING btree (subscription_id, paid_at) WHERE (subscription_id IS NOT NULL);
grant insert, select on invoices to service;
grant update on invoices (external_user_id) to service;
grant update on invoices (subscription_id) to service;
grant update on invoices (amount) to service;
grant update on invoices (currency) to service;
grant update on invoices (period) to service;
grant update on invoices (paid_at) to service;
grant update on invoices (event_id) to service;
grant update on invoices (waits) to service;

create table occasions (
  seq bigint not null generated always as identity,
  kind text not null,
  event_id uuid not null,
  type text not null,
  happened_at timestamp with time zone not null,
  cause text not null,
  seen jsonb not null,
  recorded_at timestamp with time zone not null,
  constraint occasions_have_a_known_kind CHECK ((kind = ANY (ARRAY['asked'::text, 'returned'::text]))),
  constraint occasions_pkey PRIMARY KEY (seq)
);
CREATE INDEX occasions_by_time ON public.occasions USING brin (happened_at) WITH (pages_per_range='32', autosummarize='on');
CREATE TRIGGER occasions_are_append_only BEFORE DELETE OR UPDATE ON public.occasions FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasure();
CREATE TRIGGER occasions_are_never_emptied BEFORE TRUNCATE ON public.occasions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on occasions to service;

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

create table referees (
  external_user_id text not null,
  user_id uuid,
  registered_at timestamp with time zone,
  seen_at timestamp with time zone not null,
  constraint referees_pkey PRIMARY KEY (external_user_id),
  constraint referees_registered_are_users CHECK (((user_id IS NULL) = (registered_at IS NULL))),
  constraint referees_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);
grant insert, select on referees to service;
grant update on referees (user_id) to service;
grant update on referees (registered_at) to service;

create table referral_codes (
  code text not null,
  user_id uuid not null,
  created_at timestamp with time zone not null,
  skeleton text not null generated always as replace(replace(translate(lower(code), '0158i-_'::text, 'olsbl'::text), 'rn'::text, 'm'::text), 'vv'::text, 'w'::text) stored,
  constraint referral_codes_have_3_to_32_characters CHECK (((length(code) >= 3) AND (length(code) <= 32))),
  constraint referral_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);
CREATE INDEX referral_codes_by_skeleton ON public.referral_codes USING btree (skeleton);
CREATE INDEX referral_codes_by_user ON public.referral_codes USING btree (user_id);
CREATE UNIQUE INDEX referral_codes_one_owner_per_code ON public.referral_codes USING btree (lower(code));
grant insert, select on referral_codes to service;

create table referral_touches (
  event_id uuid not null,
  place integer not null,
  referee_id uuid not null,
  owner_id uuid,
  code text,
  touched_at timestamp with time zone not null,
  outcome text not null,
  recorded_at timestamp with time zone not null,
  constraint referral_touches_one_per_event_and_place PRIMARY KEY (event_id, place),
  constraint referral_touches_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES users(id),
  constraint referral_touches_referee_id_fkey FOREIGN KEY (referee_id) REFERENCES users(id)
);
CREATE INDEX referral_touches_by_owner ON public.referral_touches USING btree (owner_id) WHERE (owner_id IS NOT NULL);
CREATE INDEX referral_touches_by_referee ON public.referral_touches USING btree (referee_id, event_id, place);
grant insert, select on referral_touches to service;

create table referrals (
  id uuid not null,
  referrer_id uuid not null,
  referee_id uuid not null,
  code text,
  state text not null,
  reason text,
  attributed_at timestamp with time zone not null,
  converted_at timestamp with time zone,
  recorded_at timestamp with time zone not null,
  source text not null default 'code'::text,
  done_by text,
  note text,
  expired_at timestamp with time zone,
  expires_at timestamp with time zone,
  is_late boolean not null default false,
  settings_version integer,
  rejected_at timestamp with time zone,
  rejected_by text,
  rejected_why text,
  constraint referrals_by_hand_say_who_and_why CHECK (((source <> 'person'::text) OR ((done_by IS NOT NULL) AND (note IS NOT NULL)))),
  constraint referrals_expired_say_when CHECK (((state = 'expired'::text) = (expired_at IS NOT NULL))),
  constraint referrals_have_a_known_source CHECK ((source = ANY (ARRAY['code'::text, 'person'::text, 'import'::text]))),
  constraint referrals_have_a_known_state CHECK ((state = ANY (ARRAY['registered'::text, 'converted'::text, 'rejected'::text, 'expired'::text]))),
  constraint referrals_nobody_refers_themselves CHECK (((referrer_id <> referee_id) OR (state = 'rejected'::text))),
  constraint referrals_one_per_referee UNIQUE (referee_id),
  constraint referrals_pkey PRIMARY KEY (id),
  constraint referrals_referee_id_fkey FOREIGN KEY (referee_id) REFERENCES users(id),
  constraint referrals_referrer_id_fkey FOREIGN KEY (referrer_id) REFERENCES users(id),
  constraint referrals_rejected_by_hand_are_rejected CHECK (((rejected_at IS NULL) OR (state = 'rejected'::text))),
  constraint referrals_rejected_by_hand_say_when_and_why CHECK ((num_nulls(rejected_at, rejected_by, rejected_why) = ANY (ARRAY[0, 3]))),
  constraint referrals_rejected_say_why CHECK (((state = 'rejected'::text) = (reason IS NOT NULL)))
);
CREATE INDEX referrals_by_referrer ON public.referrals USING btree (referrer_id, id);
CREATE INDEX referrals_converted_by_referrer ON public.referrals USING btree (referrer_id, converted_at) WHERE (converted_at IS NOT NULL);
CREATE INDEX referrals_to_expire ON public.referrals USING btree (expires_at) WHERE ((state = 'registered'::text) AND (expires_at IS NOT NULL));
CREATE TRIGGER referrals_change_state_lawfully BEFORE UPDATE OF state ON public.referrals FOR EACH ROW EXECUTE FUNCTION refuse_unlawful_referral_state();
grant insert, select on referrals to service;
grant update on referrals (state) to service;
grant update on referrals (reason) to service;
grant update on referrals (converted_at) to service;
grant update on referrals (expired_at) to service;
grant update on referrals (rejected_at) to service;
grant update on referrals (rejected_by) to service;
grant update on referrals (rejected_why) to service;

create table refunds (
  invoice_id text not null,
  refund_id text not null,
  amount bigint not null,
  currency text not null,
  event_id uuid not null,
  refunded_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  correlation_id uuid not null,
  revision integer not null,
  waits boolean not null,
  constraint refunds_have_a_positive_amount CHECK ((amount > 0)),
  constraint refunds_invoice_id_fkey FOREIGN KEY (invoice_id) REFERENCES invoices(invoice_id),
  constraint refunds_one_per_invoice_and_refund PRIMARY KEY (invoice_id, refund_id)
);
grant insert, select on refunds to service;
grant update on refunds (revision) to service;
grant update on refunds (waits) to service;

create table relay_checkpoints (
  stream text not null,
  xid xid8 not null,
  seq bigint not null,
  system_identifier bigint not null,
  updated_at timestamp with time zone not null default now(),
  constraint relay_checkpoints_pkey PRIMARY KEY (stream)
) with (fillfactor=10);
grant insert, select, update on relay_checkpoints to service;

create table retired_codes (
  digest bytea not null,
  constraint retired_codes_pkey PRIMARY KEY (digest)
);
grant select on retired_codes to service;

create table reward_holds (
  reward_id uuid not null,
  id uuid not null,
  holder text not null,
  reference text not null,
  action text not null,
  reason text not null,
  done_by text,
  note text,
  event_id uuid not null,
  transaction_id uuid,
  effective_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  constraint reward_holds_have_a_known_action CHECK ((action = ANY (ARRAY['placed'::text, 'lifted'::text]))),
  constraint reward_holds_have_a_known_holder CHECK ((holder = ANY (ARRAY['fraud'::text, 'dispute'::text, 'person'::text]))),
  constraint reward_holds_name_their_dispute CHECK (((holder = 'dispute'::text) = (reference <> ''::text))),
  constraint reward_holds_one_per_id PRIMARY KEY (reward_id, id)
);
CREATE TRIGGER reward_holds_are_append_only BEFORE DELETE OR UPDATE ON public.reward_holds FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reward_holds_are_never_emptied BEFORE TRUNCATE ON public.reward_holds FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on reward_holds to service;

create table reward_refusals (
  transaction_id uuid not null,
  reward_id uuid not null,
  kind text not null,
  reason text not null,
  refused_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  constraint reward_refusals_pkey PRIMARY KEY (transaction_id)
);
CREATE INDEX reward_refusals_by_reward ON public.reward_refusals USING btree (reward_id, transaction_id);
CREATE TRIGGER reward_refusals_are_append_only BEFORE DELETE OR UPDATE ON public.reward_refusals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reward_refusals_are_never_emptied BEFORE TRUNCATE ON public.reward_refusals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on reward_refusals to service;

create table reward_rules (
  id uuid not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  retired_at timestamp with time zone,
  retired_by text,
  constraint reward_rules_pkey PRIMARY KEY (id)
);
grant insert, select on reward_rules to service;
grant update on reward_rules (retired_at) to service;
grant update on reward_rules (retired_by) to service;

create table reward_transactions (
  reward_id uuid not null,
  id uuid not null,
  kind text not null,
  amount bigint not null,
  reason text,
  event_id uuid not null,
  effective_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  done_by text,
  note text,
  constraint reward_transactions_have_a_known_kind CHECK ((kind = ANY (ARRAY['earned'::text, 'held'::text, 'released'::text, 'resumed'::text, 'reversed'::text]))),
  constraint reward_transactions_move_something CHECK ((amount > 0)),
  constraint reward_transactions_one_per_id PRIMARY KEY (reward_id, id)
);
CREATE INDEX reward_transactions_by_day ON public.reward_transactions USING brin (id) WITH (pages_per_range='32', autosummarize='on');
CREATE TRIGGER reward_transactions_are_append_only BEFORE DELETE OR UPDATE ON public.reward_transactions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reward_transactions_are_never_emptied BEFORE TRUNCATE ON public.reward_transactions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on reward_transactions to service;

create table rewards (
  id uuid not null,
  rule_id uuid not null,
  rule_version integer not null,
  cause text not null,
  beneficiary text not null,
  user_id uuid not null,
  referral_id uuid not null,
  event_id uuid not null,
  currency text not null,
  granted bigint not null,
  reversed bigint not null default 0,
  due_at timestamp with time zone not null,
  released_at timestamp with time zone,
  screening text not null default 'waiting'::text,
  screening_revision integer not null default 0,
  earned_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  rate_basis_points integer,
  holds text[] not null default '{}'::text[],
  hold_sequence integer not null default 0,
  refusal text,
  constraint rewards_grant_something CHECK ((granted > 0)),
  constraint rewards_have_a_known_beneficiary CHECK ((beneficiary = ANY (ARRAY['referrer'::text, 'referee'::text]))),
  constraint rewards_have_a_known_screening CHECK ((screening = ANY (ARRAY['waiting'::text, 'passed'::text, 'held'::text, 'failed'::text]))),
  constraint rewards_one_per_rule_cause_and_beneficiary UNIQUE (cause, rule_id, beneficiary),
  constraint rewards_pkey PRIMARY KEY (id),
  constraint rewards_reverse_at_most_what_was_granted CHECK (((reversed >= 0) AND (reversed <= granted)))
) with (fillfactor=80);
CREATE INDEX rewards_by_user ON public.rewards USING btree (user_id, id);
CREATE INDEX rewards_to_release_when_due ON public.rewards USING btree (due_at) WHERE ((released_at IS NULL) AND (reversed < granted));
CREATE TRIGGER rewards_keep_their_cause BEFORE UPDATE OF cause ON public.rewards FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasure();
grant insert, select on rewards to service;
grant update on rewards (reversed) to service;
grant update on rewards (released_at) to service;
grant update on rewards (screening) to service;
grant update on rewards (screening_revision) to service;
grant update on rewards (holds) to service;
grant update on rewards (hold_sequence) to service;
grant update on rewards (refusal) to service;

create table rule_changes (
  id uuid not null,
  rule_id uuid not null,
  version integer,
  change text not null,
  from_at timestamp with time zone,
  done_by text not null,
  reason text,
  done_at timestamp with time zone not null,
  constraint rule_changes_are_of_a_known_kind CHECK ((change = ANY (ARRAY['drafted'::text, 'shadowed'::text, 'canaried'::text, 'activated'::text, 'retired'::text]))),
  constraint rule_changes_pkey PRIMARY KEY (id),
  constraint rule_changes_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES reward_rules(id)
);
CREATE INDEX rule_changes_by_rule ON public.rule_changes USING btree (rule_id, id);
CREATE TRIGGER rule_changes_are_append_only BEFORE DELETE OR UPDATE ON public.rule_changes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rule_changes_are_never_emptied BEFORE TRUNCATE ON public.rule_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on rule_changes to service;

create table rule_trials (
  rule_id uuid not null,
  version integer not null,
  kind text not null,
  percent numeric(5,2) not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone,
  constraint rule_trials_are_of_a_version FOREIGN KEY (rule_id, version) REFERENCES rule_versions(rule_id, version),
  constraint rule_trials_end_after_they_begin CHECK (((to_at IS NULL) OR (to_at >= from_at))),
  constraint rule_trials_have_a_known_kind CHECK ((kind = ANY (ARRAY['shadow'::text, 'canary'::text]))),
  constraint rule_trials_have_a_share CHECK (((percent > (0)::numeric) AND (percent <= (100)::numeric))),
  constraint rule_trials_one_per_start PRIMARY KEY (rule_id, version, kind, from_at)
);
CREATE UNIQUE INDEX rule_trials_one_open_per_rule_and_kind ON public.rule_trials USING btree (rule_id, kind) WHERE (to_at IS NULL);
grant insert, select on rule_trials to service;
grant update on rule_trials (to_at) to service;

create table rule_versions (
  rule_id uuid not null,
  version integer not null,
  event_type text not null,
  definition jsonb not null,
  state text not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  active_from timestamp with time zone,
  active_to timestamp with time zone,
  activated_at timestamp with time zone,
  activated_by text,
  counts boolean not null default false,
  constraint rule_versions_count_from_one CHECK ((version >= 1)),
  constraint rule_versions_drafts_never_counted CHECK (((state = 'draft'::text) = (active_from IS NULL))),
  constraint rule_versions_end_after_they_begin CHECK (((active_to IS NULL) OR (active_to >= active_from))),
  constraint rule_versions_have_a_known_state CHECK ((state = ANY (ARRAY['draft'::text, 'active'::text, 'retired'::text]))),
  constraint rule_versions_one_per_number PRIMARY KEY (rule_id, version),
  constraint rule_versions_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES reward_rules(id)
);
CREATE UNIQUE INDEX rule_versions_one_open_per_rule ON public.rule_versions USING btree (rule_id) WHERE ((active_from IS NOT NULL) AND (active_to IS NULL));
CREATE INDEX rule_versions_that_count ON public.rule_versions USING btree (event_type) WHERE (state <> 'draft'::text);
CREATE INDEX rule_versions_that_count_what_was ON public.rule_versions USING btree (rule_id) WHERE (counts AND (state <> 'draft'::text));
CREATE TRIGGER rule_versions_never_change BEFORE UPDATE ON public.rule_versions FOR EACH ROW EXECUTE FUNCTION refuse_rule_version_change();
grant insert, select on rule_versions to service;
grant update on rule_versions (state) to service;
grant update on rule_versions (active_from) to service;
grant update on rule_versions (active_to) to service;
grant update on rule_versions (activated_at) to service;
grant update on rule_versions (activated_by) to service;

create table tallies (
  day date not null,
  id uuid not null,
  tallied_at timestamp with time zone not null,
  lines jsonb not null,
  constraint tallies_pkey PRIMARY KEY (day)
);
CREATE TRIGGER tallies_are_append_only BEFORE DELETE OR UPDATE ON public.tallies FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tallies_are_never_emptied BEFORE TRUNCATE ON public.tallies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
grant insert, select on tallies to service;

create table users (
  id uuid not null,
  external_id text not null,
  email text,
  name text,
  created_at timestamp with time zone not null,
  erased_at timestamp with time zone,
  erased_by text,
  constraint users_erased_are_nobody CHECK ((((erased_at IS NULL) AND (erased_by IS NULL)) OR ((erased_at IS NOT NULL) AND (erased_by IS NOT NULL) AND (email IS NULL) AND (name IS NULL) AND (external_id = (' erased:'::text || id))))),
  constraint users_one_per_external_id UNIQUE (external_id),
  constraint users_pkey PRIMARY KEY (id)
);
CREATE INDEX users_by_email ON public.users USING btree (lower(email));
grant insert, select on users to service;
grant update on users (email) to service;
grant update on users (name) to service;

create table waiting_events (
  event_id uuid not null,
  external_user_id text not null,
  type text not null,
  payload jsonb not null,
  happened_at timestamp with time zone not null,
  correlation_id uuid not null,
  traceparent text,
  revision integer not null,
  until text not null default 'registration'::text,
  constraint waiting_events_external_user_id_fkey FOREIGN KEY (external_user_id) REFERENCES referees(external_user_id),
  constraint waiting_events_pkey PRIMARY KEY (event_id),
  constraint waiting_events_wait_for_something_known CHECK ((until = ANY (ARRAY['registration'::text, 'conversion'::text])))
);
CREATE INDEX waiting_events_by_external_user ON public.waiting_events USING btree (external_user_id, until, event_id);
CREATE INDEX waiting_events_that_are_due ON public.waiting_events USING btree (external_user_id) WHERE (until = 'registration'::text);
grant delete, insert, select on waiting_events to service;
grant update on waiting_events (until) to service;

create sequence outbox_seq;
grant usage on sequence outbox_seq to service;

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

CREATE OR REPLACE FUNCTION public.erase_person(person uuid, name_was text, at timestamp with time zone, by text, answer text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
declare
  nobody text := ' erased:' || person;
  registration text := 'registration:' || name_was;
begin
  update occasions set cause = 'registration:' || nobody
  from rewards join reward_transactions moved on moved.reward_id = rewards.id and moved.kind = 'reversed'
  where rewards.cause = registration and occasions.kind = 'returned' and occasions.cause = registration
    and occasions.happened_at = moved.effective_at and occasions.event_id = moved.event_id;
  update occasions set
    cause = case occasions.cause when registration then 'registration:' || nobody else occasions.cause end,
    seen = jsonb_set(seen, '{data}', erased_payload(seen -> 'data', nobody))
  from decisions told
  where told.external_user_id = name_was and occasions.kind = 'asked'
    and occasions.happened_at = told.happened_at and occasions.event_id = told.event_id;
  -- Whom they brought, registered with a code that may say who they are.
  update occasions set seen = seen #- '{data,referralCode}'
  from referrals join users referee on referee.id = referee_id
  join decisions told on told.external_user_id = referee.external_id and told.type = 'user.registered'
  where referrer_id = person and occasions.kind = 'asked' and occasions.seen -> 'data' ? 'referralCode'
    and occasions.happened_at = told.happened_at and occasions.event_id = told.event_id;
  update decisions set trace = erased_trace(trace)
  from referrals join users referee on referee.id = referee_id
  where referrer_id = person and external_user_id = referee.external_id and type = 'user.registered';
  -- So it is with registrations in which their code lost against another.
  update occasions set seen = seen #- '{data,referralCode}'
  from referral_touches touch join decisions told on told.event_id = touch.event_id
  where touch.owner_id = person and occasions.kind = 'asked' and occasions.seen -> 'data' ? 'referralCode'
    and occasions.happened_at = told.happened_at and occasions.event_id = told.event_id;
  update decisions set trace = erased_trace(trace)
  from referral_touches touch where touch.owner_id = person and decisions.event_id = touch.event_id;
  update referral_touches set code = null where owner_id = person;
  delete from referral_touches where referee_id = person;

  update facts set payload = erased_payload(payload, nobody)
  from decisions told where told.external_user_id = name_was and facts.event_id = told.event_id;
  update decisions set external_user_id = nobody, trace = erased_trace(trace) where external_user_id = name_was;
  update invoices set external_user_id = nobody where external_user_id = name_was;
  update rewards set cause = 'registration:' || nobody where cause = registration;

  insert into retired_codes (digest)
  select sha256(convert_to(lower(code), 'UTF8')) from referral_codes where user_id = person on conflict do nothing;
  delete from referral_codes where user_id = person;
  update referrals set code = null where referrer_id = person and code is not null;

  update parked_messages set payload = '{}', status = 'discarded',
    settled_at = coalesce(settled_at, at), settled_by = coalesce(settled_by, by), settled_why = 'erased'
  where position(convert_to('"externalUserId"', 'UTF8') in payload) > 0
    and position(convert_to(to_json(name_was)::text, 'UTF8') in payload) > 0;
  update command_keys set status = 410, body = answer, headers = '{"content-type": "application/problem+json"}'
  where status < 300 and body is not null and position(person::text in body) > 0
    and (position('"externalId"' in body) > 0 or position('"code"' in body) > 0);

  delete from waiting_events where external_user_id = name_was;
  update users set external_id = nobody, email = null, name = null, erased_at = at, erased_by = by where id = person;
  update referees set external_user_id = nobody where external_user_id = name_was;
end $function$
;
grant execute on function erase_person(person uuid, name_was text, at timestamp with time zone, by text, answer text) to service;

CREATE OR REPLACE FUNCTION public.erased_payload(payload jsonb, nobody text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select coalesce(jsonb_object_agg(key, case key when 'externalUserId' then to_jsonb(nobody) else value end), '{}')
  from jsonb_each(payload)
  where key in ('externalUserId', 'invoiceId', 'subscriptionId', 'amount', 'currency', 'period', 'productId')
$function$
;
grant execute on function erased_payload(payload jsonb, nobody text) to public;

CREATE OR REPLACE FUNCTION public.erased_trace(trace jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select case when jsonb_typeof(trace -> 'rules') <> 'array' then trace else jsonb_set(trace, '{rules}', coalesce((
    select jsonb_agg(case when jsonb_typeof(rule -> 'conditions') <> 'array' then rule
      else jsonb_set(rule, '{conditions}', coalesce((
        select jsonb_agg(case when one ->> 'condition' = 'condition' then jsonb_set(one, '{seen}', '"erased"') else one end
          order by place)
        from jsonb_array_elements(rule -> 'conditions') with ordinality as conditions (one, place)), '[]')) end
      order by number)
    from jsonb_array_elements(trace -> 'rules') with ordinality as rules (rule, number)), '[]')) end
$function$
;
grant execute on function erased_trace(trace jsonb) to public;

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

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op;
end $function$
;
grant execute on function refuse_change() to public;

CREATE OR REPLACE FUNCTION public.refuse_change_but_erasure()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  was jsonb := to_jsonb(old);
  will jsonb;
  forgets boolean := false;
begin
  if tg_op = 'UPDATE' then
    will := to_jsonb(new);
    forgets := case tg_table_name
      when 'decisions' then was - '{external_user_id,trace}'::text[] = will - '{external_user_id,trace}'::text[]
        and (will ->> 'external_user_id' = was ->> 'external_user_id' or will ->> 'external_user_id' like ' erased:%')
        and will -> 'trace' = erased_trace(was -> 'trace')
      when 'facts' then was - '{payload}'::text[] = will - '{payload}'::text[]
        and will -> 'payload' ->> 'externalUserId' like ' erased:%'
      when 'occasions' then was - '{cause,seen}'::text[] = will - '{cause,seen}'::text[]
        and (will ->> 'cause' = was ->> 'cause' or will ->> 'cause' like 'registration: erased:%')
        and (was -> 'seen') - 'data'::text = (will -> 'seen') - 'data'::text
      when 'rewards' then will ->> 'cause' like 'registration: erased:%' and was ->> 'cause' like 'registration:%'
      else false
    end;
  end if;
  if forgets is not true then
    raise exception '% is append-only: % refused', tg_table_name, tg_op;
  end if;
  return new;
end $function$
;
grant execute on function refuse_change_but_erasure() to public;

CREATE OR REPLACE FUNCTION public.refuse_rule_version_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (new.rule_id, new.version, new.event_type, new.definition, new.created_at, new.created_by)
    is distinct from (old.rule_id, old.version, old.event_type, old.definition, old.created_at, old.created_by) then
    raise exception 'a rule version never changes; make a new one';
  end if;
  return new;
end $function$
;
grant execute on function refuse_rule_version_change() to public;

CREATE OR REPLACE FUNCTION public.refuse_unlawful_referral_state()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if new.state <> old.state and old.state <> 'registered'
    and not (old.state = 'expired' and new.state in ('converted', 'rejected')) then
    raise exception 'a referral that is % does not become %', old.state, new.state;
  end if;
  return new;
end $function$
;
grant execute on function refuse_unlawful_referral_state() to public;
