-- The last version of an account that was recorded up to an instant; 0 before its first. Versions have no gaps and their
-- times never fall, so a binary search finds it: 20 look-ups among a million entries, by the primary key alone.
create function version_as_of(account bigint, instant timestamptz) returns bigint
language plpgsql stable parallel safe set search_path = pg_catalog, public, pg_temp as $$
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
end $$;

create function balance_as_of(account bigint, instant timestamptz) returns bigint
language plpgsql stable parallel safe set search_path = pg_catalog, public, pg_temp as $$
declare
  last_version bigint := version_as_of(account, instant);
begin
  return coalesce((select balance_after from ledger_entries where account_id = account and version = last_version), 0);
end $$;

-- Waits until nothing is being posted: what is read after it, as of an instant that has passed, can no longer change.
create function wait_for_postings() returns void
language sql set search_path = pg_catalog, pg_temp as $$
  select pg_advisory_xact_lock_shared(hashtextextended('ledger', 0))
$$;
