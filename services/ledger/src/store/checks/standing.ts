import { answer, type Check } from './check.ts'

/** Hours after the end of a day by which its tally must have been heard. */
const TALLY_DUE_HOURS = 26
/** A tally may overtake what it counts. */
const TALLY_GRACE_MINUTES = 60

/** Days that a check of the recent ones looks back: longer than a tally may be late. */
export const RECENT_DAYS = 3

/** What others owe the books by now: money that should have arrived, and questions that should have been asked. */
export const standingChecks: readonly Check[] = [
  {
    name: 'money_on_its_way_arrives_in_time',
    sql: ({ now, clearingMaxAgeDays }) => {
      const oldest = `'${now}'::timestamptz - interval '${clearingMaxAgeDays} days'`
      // What was paid first is settled first: of an account's balance, what was not put there lately is older.
      const recent = (side: string) => `coalesce((select sum(e.amount) from ledger_entries e
        where e.account_id = a.id and e.side = '${side}' and e.posted_at > ${oldest}), 0)`
      return `${answer} from (
        select 'cashout ' || cashout_id as id, reserved_at < ${oldest} as wrong from cashout_positions where in_payout > 0
        union all
        select a.provider || ' ' || a.currency || ' ' || sign(b.balance)::int * (abs(b.balance) - recent.amount), abs(b.balance) > recent.amount
        from accounts a
        join balances b on b.account_id = a.id
        cross join lateral (select case when b.balance > 0 then ${recent('C')} else ${recent('D')} end as amount) recent
        where a.kind = 'provider:clearing' and b.balance <> 0
      ) looked`
    },
  },
  { name: 'every_reward_transaction_has_its_answer', sql: ({ now }) => everyTransaction(now, null) },
]

/** The same, over the last days only. */
export const recentStandingChecks: readonly Check[] = standingChecks.map((check) =>
  check.name === 'every_reward_transaction_has_its_answer'
    ? { ...check, sql: ({ now }) => everyTransaction(now, RECENT_DAYS) }
    : check,
)

/**
 * Compares what rewards says of each day with the causes of that day, which is the one inside their ids. Posted, refused
 * or nothing to do: whatever was answered, was asked. Days on which causes did not keep yet what they were asked are left out.
 */
function everyTransaction(now: string, days: number | null): string {
  const today = `('${now}'::timestamptz at time zone 'utc')::date`
  const first = `(select ${days === null ? 'known.day' : `greatest(known.day, ${today} - ${days})`} from (select least(
      (select min(day) from tallies where source = 'rewards'),
      (select day_of_uuid(cause_id) from causes where kind in ('earn', 'release', 'hold', 'resume', 'reverse')
       order by cause_id limit 1)) as day) known where known.day is not null)`
  return `with days as materialized (
      select at::date as day, t.id is not null as told, t.heard_at <= '${now}'::timestamptz - interval '${TALLY_GRACE_MINUTES} minutes' as is_due
      from generate_series(${first}::timestamp, ${today}::timestamp, interval '1 day') as at
      left join tallies t on t.source = 'rewards' and t.day = at::date
    ), answered as (
      select day_of_uuid(cause_id) as day, kind, currency, count(*) as count, sum(amount) as amount
      from causes
      where cause_id >= partition_bound('uuid-day', (select min(day)::timestamp from days))::uuid
        and (kind is null or kind in ('earn', 'release', 'hold', 'resume', 'reverse'))
      group by 1, kind, currency
    ), told as (
      select day, case kind when 'earned' then 'earn' when 'released' then 'release' when 'held' then 'hold'
          when 'resumed' then 'resume' when 'reversed' then 'reverse' end as kind, currency, count, amount
      from tally_lines where source = 'rewards'
    ), comparable as (
      select day from days where is_due and not exists (select from answered a where a.day = days.day and a.kind is null)
    )
    ${answer} from (
      select day || ' ' || kind || ' ' || currency || ': ' || coalesce(t.count, 0) || ' of ' || coalesce(t.amount, 0) || ' asked, '
          || coalesce(a.count, 0) || ' of ' || coalesce(a.amount, 0) || ' answered' as id,
        (t.count, t.amount) is distinct from (a.count, a.amount) as wrong
      from (select * from told join comparable using (day)) t
      full join (select * from answered join comparable using (day)) a using (day, kind, currency)
      union all
      select day || ': no tally', not told from days
      where told or day::timestamp at time zone 'utc' + interval '1 day ${TALLY_DUE_HOURS} hours' <= '${now}'::timestamptz
    ) looked`
}
