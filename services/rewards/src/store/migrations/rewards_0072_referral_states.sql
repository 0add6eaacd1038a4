alter table referrals
  -- By a registration with a code, by a person afterwards, or by an import.
  add column source text not null default 'code'
    constraint referrals_have_a_known_source check (source in ('code', 'person', 'import')),
  add column done_by text,
  add column note text,
  add column expired_at timestamptz,
  add constraint referrals_by_hand_say_who_and_why check (source <> 'person' or (done_by is not null and note is not null)),
  add constraint referrals_expired_say_when check ((state = 'expired') = (expired_at is not null));

grant update (expired_at) on referrals to :"service_role";

create index referrals_to_expire on referrals (attributed_at) where state = 'registered';

-- The table of domain/referral.ts, as a backstop; a test compares them.
create function refuse_unlawful_referral_state() returns trigger language plpgsql as $$
begin
  if new.state <> old.state and old.state <> 'registered' then
    raise exception 'a referral that is % does not become %', old.state, new.state;
  end if;
  return new;
end $$;

create trigger referrals_change_state_lawfully before update of state on referrals
  for each row execute function refuse_unlawful_referral_state();
