-- Whether a webhook tells of somebody: what is published of it names them. What cannot be read tells of nobody. Bytes are
-- looked through before they are parsed, which is ten times cheaper; only an escape can spell the same otherwise.
create function tells_of(external_user_id text, payload text, body bytea) returns boolean
language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
  if payload is null and position(convert_to(external_user_id, 'UTF8') in body) = 0 and position('\x5c'::bytea in body) = 0 then
    return false;
  end if;
  return coalesce(
    coalesce(payload::json, convert_from(body, 'UTF8')::json -> 'data') ->> 'externalUserId' = external_user_id, false);
exception when others then
  return false;
end $$;
