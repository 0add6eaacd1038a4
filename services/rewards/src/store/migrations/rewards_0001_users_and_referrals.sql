-- Everyone who can earn. `external_id` is the name by which the app knows them.
create table users (
  id uuid primary key,
  external_id text not null constraint users_one_per_external_id unique,
  email text,
  name text,
  created_at timestamptz not null
);

create index users_by_email on users (lower(email));

grant select, insert on users to :"service_role";
grant update (email, name) on users to :"service_role";

create table referral_codes (
  -- As its owner wrote it; compared without regard to case.
  code text not null,
  user_id uuid not null references users (id),
  created_at timestamptz not null,
  constraint referral_codes_have_3_to_32_characters check (length(code) between 3 and 32)
);

create unique index referral_codes_one_owner_per_code on referral_codes (lower(code));
create index referral_codes_by_user on referral_codes (user_id);

grant select, insert on referral_codes to :"service_role";

-- The anchor of a customer, by the app's name for them: registered, or only seen in a payment so far. Whatever concerns
-- the same customer locks this row first, so that registration and payments are one history, in whichever order they come.
create table referees (
  external_user_id text primary key,
  user_id uuid references users (id),
  registered_at timestamptz,
  seen_at timestamptz not null,
  constraint referees_registered_are_users check ((user_id is null) = (registered_at is null))
);

grant select, insert on referees to :"service_role";
grant update (user_id, registered_at) on referees to :"service_role";

create table referrals (
  id uuid primary key,
  referrer_id uuid not null references users (id),
  referee_id uuid not null references users (id) constraint referrals_one_per_referee unique,
  code text,
  state text not null
    constraint referrals_have_a_known_state check (state in ('registered', 'converted', 'rejected', 'expired')),
  -- Why it was rejected.
  reason text,
  -- When the customer registered, as the app tells it; recorded_at is when we heard.
  attributed_at timestamptz not null,
  converted_at timestamptz,
  recorded_at timestamptz not null,
  constraint referrals_nobody_refers_themselves check (referrer_id <> referee_id or state = 'rejected'),
  constraint referrals_rejected_say_why check ((state = 'rejected') = (reason is not null))
);

create index referrals_by_referrer on referrals (referrer_id, id);

grant select, insert on referrals to :"service_role";
grant update (state, reason, converted_at) on referrals to :"service_role";
