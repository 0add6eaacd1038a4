-- Where an account stood at an instant: the last version recorded up to it and the balance after that; 0 and 0 before its
-- first. Versions have no gaps and their times never fall, so a binary search finds it: 20 look-ups among a million entries,
-- by the primary key alone. Each look-up asks only between what is known to be early enough and the instant, so the more
-- it knows the fewer partitions it opens: at 40 months it takes a sixth of the time. A plan made anew for each call would cost
-- more than all look-ups.
create function position_as_of(account bigint, instant timestamptz, out version bigint, out balance bigint)
language plpgsql stable parallel safe
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  low_time timestamptz := '-infinity';
  high bigint;
  middle bigint;
  middle_time timestamptz;
begin
  version := 0;
  select b.version into high from balances b where b.account_id = account;
  while version < high loop
    middle := (version + high + 1) / 2;
    select e.posted_at into middle_time from ledger_entries e
    where e.account_id = account and e.version = middle and e.posted_at between low_time and instant;
    if found then
      version := middle;
      low_time := middle_time;
    else
      high := middle - 1;
    end if;
  end loop;
  balance := 0;
  if version > 0 then
    select e.balance_after into strict balance from ledger_entries e
    where e.account_id = account and e.version = position_as_of.version and e.posted_at = low_time;
  end if;
end $$;
