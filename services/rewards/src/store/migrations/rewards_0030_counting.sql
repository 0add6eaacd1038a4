-- What was given under the caps of a rule, by whom or what they count and by day, month or for ever. The versions of a
-- rule share its counters.
create table cap_counters (
  rule_id uuid not null references reward_rules (id),
  per text not null constraint cap_counters_have_a_known_scope check (per in ('user', 'rule', 'referral')),
  every text not null constraint cap_counters_have_a_known_interval check (every in ('day', 'month', 'total')),
  -- The user's id or the referral's; empty for the rule.
  subject text not null,
  period_start timestamptz not null,
  used_amount bigint not null,
  used_count int not null,
  -- The bounds of the version that spent last; null for none.
  cap_amount bigint,
  cap_count int,
  constraint cap_counters_one_per_period primary key (rule_id, per, every, subject, period_start),
  constraint cap_counters_stay_below_their_cap
    check (used_amount >= 0 and (cap_amount is null or used_amount <= cap_amount)),
  constraint cap_counters_stay_below_their_count
    check (used_count >= 0 and (cap_count is null or used_count <= cap_count))
) with (fillfactor = 80);

grant select, insert on cap_counters to :"service_role";
grant update (used_amount, used_count, cap_amount, cap_count) on cap_counters to :"service_role";

-- The rate that held when the reward was granted, in basis points; null for a fixed sum, and before this was kept.
alter table rewards add column rate_basis_points int;

-- Whether what a version gives depends on what was given or counted before: caps, tiers by conversions, payments of a
-- subscription. Such decisions are made one transaction at a time.
alter table rule_versions add column counts boolean not null default false;

create index rule_versions_that_count_what_was on rule_versions (rule_id) where counts and state <> 'draft';

-- For the conversions of a referrer before some time.
create index referrals_converted_by_referrer on referrals (referrer_id, converted_at) where converted_at is not null;

-- For the place of a payment among those of its subscription.
create index invoices_by_subscription on invoices (subscription_id, paid_at) where subscription_id is not null;
