-- A person is forgotten: what senders told of them goes out of the journal, and stays out. Ids, times, types, the hash of the
-- body with the webhook's id stay, so repetitions, digests and receipts go on.
alter table webhook_events
  alter column body drop not null,
  add column erased_at timestamptz,
  add constraint webhook_events_lose_their_body_by_erasure check (body is not null or erased_at is not null);

-- Whom rewards said to forget, and how far the journal was looked through. Their name goes when that is done.
create table erasures (
  user_id uuid primary key,
  external_user_id text,
  asked_at timestamptz not null,
  -- Events received before; who is told of later under the same name is somebody new.
  up_to uuid not null,
  -- How far this pass is done. Refunds and disputes name an invoice only: a second pass finds those that lie before it.
  after uuid not null default '00000000-0000-0000-0000-000000000000',
  pass int not null default 1,
  invoice_ids text[] not null default '{}',
  erased int not null default 0,
  done_at timestamptz,
  constraint erasures_forget_whom_they_forgot
    check (done_at is null or (external_user_id is null and invoice_ids = '{}'))
);

create index erasures_to_do on erasures (asked_at) where done_at is null;

grant select, insert on erasures to :"service_role";

-- What is published of a webhook; null where that cannot be read.
create function published_data(payload text, body bytea) returns json
language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
  return coalesce(payload::json, convert_from(body, 'UTF8')::json -> 'data');
exception when others then
  return null;
end $$;

-- Looks through the next events for one person and empties those that tell of them; the only way to change the journal. An
-- event that is not published yet is waited for. Of what is never published nobody knows whom it is about: it goes where the
-- person's id stands in it as a value. Answers `more`, `waiting` or `done`.
create function erase_webhooks(person uuid, scanned int, at timestamptz) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  erasure erasures;
  ids uuid[];
  quoted bytea;
  found_ids uuid[];
  found_invoices text[];
begin
  select * into erasure from erasures where user_id = person for update;
  if not found or erasure.done_at is not null then return 'done'; end if;
  select array_agg(event_id) into ids from (
    select event_id from webhook_events
    where event_id > erasure.after and event_id < erasure.up_to order by event_id limit scanned) next;
  if ids is null then
    if erasure.pass = 1 and erasure.invoice_ids <> '{}' then
      update erasures set pass = 2, after = '00000000-0000-0000-0000-000000000000' where user_id = person;
      return 'more';
    end if;
    -- The message that asked for this may have been parked before.
    update parked_messages set payload = '{}'
      where type = 'member.erased' and position(convert_to(person::text, 'UTF8') in payload) > 0;
    update erasures set external_user_id = null, invoice_ids = '{}', done_at = at where user_id = person;
    return 'done';
  end if;
  if exists (
    select from webhook_events e left join relay_checkpoints c on c.stream = 'journal'
    where e.event_id = any(ids) and e.disposition = 'publish' and (c.stream is null or (e.xid, e.seq) > (c.xid, c.seq))
  ) then
    return 'waiting';
  end if;
  quoted := convert_to(to_json(erasure.external_user_id)::text, 'UTF8');
  select array_agg(event_id), array_agg(distinct invoice_id) filter (where invoice_id is not null)
    into found_ids, found_invoices
  from (
    select e.event_id, published_data(e.payload, e.body) ->> 'invoiceId' as invoice_id
    from webhook_events e
    where e.event_id = any(ids) and e.erased_at is null and (
      tells_of(erasure.external_user_id, e.payload, e.body)
      or (e.type in ('payment.refunded', 'payment.disputed')
        and published_data(e.payload, e.body) ->> 'invoiceId' = any(erasure.invoice_ids))
      or (e.disposition = 'ignore' and position(quoted in e.body) > 0))
  ) telling;
  update webhook_events set body = null, payload = null, headers = null, erased_at = at,
      disposition = case disposition when 'defer' then 'ignore' else disposition end,
      reason = case disposition when 'defer' then 'person_erased' else reason end
    where event_id = any(found_ids);
  update event_statuses set status = 'ignored' where event_id = any(found_ids) and status = 'deferred';
  update erasures set after = ids[array_upper(ids, 1)], erased = erased + coalesce(cardinality(found_ids), 0),
      invoice_ids = array(select distinct unnest(invoice_ids || coalesce(found_invoices, '{}')))
    where user_id = person;
  return 'more';
end $$;

revoke execute on function erase_webhooks(uuid, int, timestamptz) from public;
grant execute on function erase_webhooks(uuid, int, timestamptz) to :"service_role";
