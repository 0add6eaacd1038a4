alter table users
  add column erased_at timestamptz,
  add column erased_by text,
  -- No sender can name anybody so: references do not begin with a blank.
  add constraint users_erased_are_nobody check (
    (erased_at is null and erased_by is null)
    or (erased_at is not null and erased_by is not null and email is null and name is null
        and external_id = ' erased:' || id));

-- Codes of people who were erased: whose they were is not kept, and nobody gets them again.
create table retired_codes (
  -- SHA-256 of the code in lower case.
  digest bytea primary key
);

grant select on retired_codes to :"service_role";

create index invoices_by_customer on invoices (external_user_id) where external_user_id is not null;

-- Lets an append-only row forget whose it was. Everything else about it stays as it is.
create function refuse_change_but_erasure() returns trigger language plpgsql as $$
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
end $$;

-- A trace without the values that conditions saw in senders' data. Which rules were asked and what they gave stays.
create function erased_trace(trace jsonb) returns jsonb language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case when jsonb_typeof(trace -> 'rules') <> 'array' then trace else jsonb_set(trace, '{rules}', coalesce((
    select jsonb_agg(case when jsonb_typeof(rule -> 'conditions') <> 'array' then rule
      else jsonb_set(rule, '{conditions}', coalesce((
        select jsonb_agg(case when one ->> 'condition' = 'condition' then jsonb_set(one, '{seen}', '"erased"') else one end
          order by place)
        from jsonb_array_elements(rule -> 'conditions') with ordinality as conditions (one, place)), '[]')) end
      order by number)
    from jsonb_array_elements(trace -> 'rules') with ordinality as rules (rule, number)), '[]')) end
$$;

drop trigger decisions_are_append_only on decisions;
create trigger decisions_are_append_only before update or delete on decisions
  for each row execute function refuse_change_but_erasure();
drop trigger facts_are_append_only on facts;
create trigger facts_are_append_only before update or delete on facts
  for each row execute function refuse_change_but_erasure();
drop trigger occasions_are_append_only on occasions;
create trigger occasions_are_append_only before update or delete on occasions
  for each row execute function refuse_change_but_erasure();
create trigger rewards_keep_their_cause before update of cause on rewards
  for each row execute function refuse_change_but_erasure();

-- What of a sender's data is business and nobody's person: what is left of it after an erasure.
create function erased_payload(payload jsonb, nobody text) returns jsonb language sql immutable
  set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(key, case key when 'externalUserId' then to_jsonb(nobody) else value end), '{}')
  from jsonb_each(payload)
  where key in ('externalUserId', 'invoiceId', 'subscriptionId', 'amount', 'currency', 'period', 'productId')
$$;

-- Removes a person from everything kept here. Their anchor and then their row in users are locked by the caller. The
-- service may not change most of these columns; that it may do this, and only this, is why the function is its owner's.
create function erase_person(person uuid, name_was text, at timestamptz, by text, answer text) returns void
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

revoke execute on function erase_person(uuid, text, timestamptz, text, text) from public;
grant execute on function erase_person(uuid, text, timestamptz, text, text) to :"service_role";
