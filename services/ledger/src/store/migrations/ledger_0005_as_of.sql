-- An account's balance as it was recorded at an instant. Versions have no gaps and their times never fall, so a binary
-- search finds the last entry up to it: 20 look-ups among a million entries, with no index beside the primary key.
create function balance_as_of(account bigint, instant timestamptz) returns bigint
language plpgsql stable parallel safe set search_path = pg_catalog, public, pg_temp as $$
declare
  low bigint := 0;
  high bigint;
  middle bigint;
  middle_time timestamptz;
  found_balance bigint := 0;
  middle_balance bigint;
begin
  select version into high from balances where account_id = account;
  while low < high loop
    middle := (low + high + 1) / 2;
    select posted_at, balance_after into strict middle_time, middle_balance
    from ledger_entries where account_id = account and version = middle;
    if middle_time <= instant then
      low := middle;
      found_balance := middle_balance;
    else
      high := middle - 1;
    end if;
  end loop;
  return found_balance;
end $$;

-- Waits until nothing is being posted: what is read after it, as of an instant that has passed, can no longer change.
create function wait_for_postings() returns void
language sql set search_path = pg_catalog, pg_temp as $$
  select pg_advisory_xact_lock_shared(hashtextextended('ledger', 0))
$$;
