-- What was posted before these columns were kept counts, too. One pass over all entries, while nobody posts.
select lock_ledger();
update balances b
set max_lateness = greatest(b.max_lateness, e.lateness), max_earliness = greatest(b.max_earliness, e.earliness)
from (select account_id, max(posted_at - effective_at) as lateness, max(effective_at - posted_at) as earliness
      from ledger_entries group by account_id) e
where e.account_id = b.account_id;

-- The balance from what had happened at an instant, whenever it was recorded: the balance as recorded then, with what came
-- late added and what came early taken away. Nothing of the account came later or earlier than the account itself says, so
-- only the entries of that long around the instant are looked at, not all.
create function balance_in_effect(account bigint, instant timestamptz) returns bigint
language plpgsql stable parallel safe
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_generic_plan
-- Days of the two intervals are 24 hours long; where there is a summer time, they would not be.
set timezone = 'UTC'
as $$
declare
  account_sign smallint;
  lateness interval;
  earliness interval;
  recorded record;
  first_version bigint;
  last_version bigint;
  late bigint := 0;
  early bigint := 0;
begin
  select sign, max_lateness, max_earliness into account_sign, lateness, earliness from balances where account_id = account;
  recorded := position_as_of(account, instant);
  if lateness > interval '0' then
    last_version := (position_as_of(account, instant + lateness)).version;
    select coalesce(sum(case side when 'C' then amount else -amount end), 0) into late from ledger_entries
    where account_id = account and version > recorded.version and version <= last_version
      and posted_at > instant and posted_at <= instant + lateness and effective_at <= instant;
  end if;
  if earliness > interval '0' then
    -- An instant can lie so far ahead that the time as long before is none that there is.
    earliness := least(earliness, instant - timestamptz '0001-01-01 BC');
    first_version := (position_as_of(account, instant - earliness)).version;
    select coalesce(sum(case side when 'C' then amount else -amount end), 0) into early from ledger_entries
    where account_id = account and version > first_version and version <= recorded.version
      and posted_at > instant - earliness and posted_at <= instant and effective_at > instant;
  end if;
  return coalesce(recorded.balance, 0) + account_sign * (late - early);
end $$;
