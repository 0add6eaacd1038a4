-- How customers are attributed, as people said it: the newest that had begun by the time of a registration counts for it.
create table attribution_settings (
  version int primary key constraint attribution_settings_count_from_one check (version >= 1),
  model text not null constraint attribution_settings_have_a_known_model check (model in ('first', 'last')),
  -- From the touch to the registration, and from the registration to the first payment; null for however long.
  touch_days int constraint attribution_settings_have_a_touch_window check (touch_days between 1 and 3650),
  payment_days int constraint attribution_settings_have_a_payment_window check (payment_days between 1 and 3650),
  active_from timestamptz not null,
  reason text not null,
  done_by text not null,
  done_at timestamptz not null
);

create trigger attribution_settings_are_append_only before update or delete on attribution_settings
  for each row execute function refuse_change();
create trigger attribution_settings_are_never_emptied before truncate on attribution_settings
  for each statement execute function refuse_change();

grant select, insert on attribution_settings to :"service_role";

-- Each code that a customer met before a registration that was attributed, or could have been, and what became of it.
create table referral_touches (
  event_id uuid not null,
  -- The best first.
  place int not null,
  referee_id uuid not null references users (id),
  -- Nobody's where the code is unknown, or its owner was erased.
  owner_id uuid references users (id),
  code text,
  touched_at timestamptz not null,
  outcome text not null,
  recorded_at timestamptz not null,
  constraint referral_touches_one_per_event_and_place primary key (event_id, place)
);

create index referral_touches_by_referee on referral_touches (referee_id, event_id, place);
create index referral_touches_by_owner on referral_touches (owner_id) where owner_id is not null;

grant select, insert on referral_touches to :"service_role";

alter table referrals
  -- Until when the first payment has to happen; null for never too late.
  add column expires_at timestamptz,
  -- Said of somebody who had registered without it: what they did before it earns nothing.
  add column is_late boolean not null default false,
  -- The version of attribution_settings that counted; null for those of before there were any, 0 for none yet.
  add column settings_version int,
  add column rejected_at timestamptz,
  add column rejected_by text,
  add column rejected_why text,
  add constraint referrals_rejected_by_hand_say_when_and_why check (num_nulls(rejected_at, rejected_by, rejected_why) in (0, 3)),
  add constraint referrals_rejected_by_hand_are_rejected check (rejected_at is null or state = 'rejected');

grant update (rejected_at, rejected_by, rejected_why) on referrals to :"service_role";

-- What expired before windows were kept, did so when the job came by.
update referrals set expires_at = expired_at where state = 'expired';

drop index referrals_to_expire;
create index referrals_to_expire on referrals (expires_at) where state = 'registered' and expires_at is not null;

-- The table of domain/referral.ts, as a backstop; a test compares them.
create or replace function refuse_unlawful_referral_state() returns trigger language plpgsql as $$
begin
  if new.state <> old.state and old.state <> 'registered'
    and not (old.state = 'expired' and new.state in ('converted', 'rejected')) then
    raise exception 'a referral that is % does not become %', old.state, new.state;
  end if;
  return new;
end $$;

-- What an event waits for: its customer's registration, or that their expired referral converts after all.
alter table waiting_events add column until text not null default 'registration'
  constraint waiting_events_wait_for_something_known check (until in ('registration', 'conversion'));

grant update (until) on waiting_events to :"service_role";

drop index waiting_events_by_external_user;
create index waiting_events_by_external_user on waiting_events (external_user_id, until, event_id);

-- Removes a person from everything kept here. Their anchor and then their row in users are locked by the caller. The
-- service may not change most of these columns; that it may do this, and only this, is why the function is its owner's.
create or replace function erase_person(person uuid, name_was text, at timestamptz, by text, answer text) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
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
end $$;
