import { added, answer, type Check, lookedUp, openingOf, within } from './check.ts'

const rewardPlaces = ['pending', 'held_pending', 'released', 'held_released', 'reversed']
const cashoutPlaces = ['in_payout', 'paid', 'returned', 'bounced']
const differ = (columns: readonly string[]) => columns.map((column) => `p.${column} <> f.${column}`).join(' or ')
const sums = (columns: readonly string[]) => columns.map((column) => `sum(${column}) as ${column}`).join(', ')
/** Exactly one is named by the transfers; by none, where all of them were archived. */
const named = (count: string) => `(f.${count} <> 1 and not (f.opened and f.${count} = 0))`

/** What is kept beside the history for quick reading, each folded anew from all of it: from what was archived, its openings. */
export const projectionChecks: readonly Check[] = [
  {
    name: 'balances_equal_their_entries',
    sql: ({ range }) => `${answer} from (
      select coalesce(a.id, b.account_id) as id, (
        a.id is null or b.account_id is null or b.sign <> k.sign or b.guarded <> k.guarded
        or b.kind <> a.kind or b.user_id is distinct from a.user_id or b.provider is distinct from a.provider
        or b.currency <> a.currency
        or b.debits <> coalesce(o.debits, 0) + coalesce(e.debits, 0) or b.credits <> coalesce(o.credits, 0) + coalesce(e.credits, 0)
        or b.version <> coalesce(o.version, 0) + coalesce(e.entries, 0) or b.balance <> b.sign * (b.credits - b.debits)
        or b.max_lateness < greatest(e.lateness, interval '0') or b.max_earliness < greatest(e.earliness, interval '0')
        or (o.version is null and b.max_lateness > greatest(e.lateness, interval '0'))
        or (o.version is null and b.max_earliness > greatest(e.earliness, interval '0'))
      ) as wrong
      from accounts a
      full join balances b on b.account_id = a.id
      left join account_kinds k on k.kind = a.kind
      left join (
        select account_id, coalesce(sum(amount) filter (where side = 'D'), 0) as debits,
          coalesce(sum(amount) filter (where side = 'C'), 0) as credits, count(*) as entries,
          max(posted_at - effective_at) as lateness, max(effective_at - posted_at) as earliness
        from ledger_entries where ${within('posted_at', range)} group by account_id
      ) e on e.account_id = coalesce(a.id, b.account_id)
      ${openingOf('opening_balances', 'account_id', 'coalesce(a.id, b.account_id)')}
    ) looked`,
  },
  {
    name: 'positions_equal_their_transfers',
    sql: ({ range }) => `${answer} from (
      select coalesce(p.reward_id, f.reward_id, h.reward_id) as id, (
        p.reward_id is null or f.reward_id is null or ${differ(['granted', ...rewardPlaces])}
        or p.user_id <> f.user_id or p.currency <> f.currency or ${named('users')} or ${named('currencies')}
        or p.hold_sequence <> coalesce(h.sequence, 0) or p.is_held <> coalesce(h.is_held, false)
      ) as wrong
      from reward_positions p
      full join (
        select reward_id, ${sums(['granted', ...rewardPlaces])}, min(user_id::text)::uuid as user_id, sum(users) as users,
          min(currency) as currency, sum(currencies) as currencies, bool_or(opened) as opened
        from (
          select t.reward_id, coalesce(sum(t.amount) filter (where m.position_from is null), 0) as granted,
            ${rewardPlaces.map((column) => `${added(column)} as ${column}`).join(', ')},
            min(c.user_id::text)::uuid as user_id, count(distinct c.user_id) as users,
            min(t.currency) as currency, count(distinct t.currency) as currencies, false as opened
          from transfers t ${lookedUp}
          where m.position_of = 'reward' and ${within('t.posted_at', range)}
          group by t.reward_id
          union all
          (select distinct on (reward_id) reward_id, granted, ${rewardPlaces.join(', ')}, null, 0, null, 0, true
           from opening_reward_positions order by reward_id, archive desc)
        ) all_that_moved group by reward_id
      ) f on f.reward_id = p.reward_id
      full join (${holdStates('true')}) h on h.reward_id = coalesce(p.reward_id, f.reward_id)
    ) looked`,
  },
  {
    name: 'cashouts_equal_their_transfers',
    sql: ({ range }) => `${answer} from (
      select coalesce(p.cashout_id, f.cashout_id) as id, (
        p.cashout_id is null or f.cashout_id is null or ${differ(['reserved', ...cashoutPlaces])}
        or p.user_id <> f.user_id or p.currency <> f.currency or ${named('users')} or ${named('currencies')} or f.providers > 1
        or (p.provider is distinct from f.provider and not (f.opened and f.provider is null))
        or (p.reserved_at is distinct from f.reserved_at and not (f.opened and f.reserved_at is null))
      ) as wrong
      from cashout_positions p
      full join (
        select cashout_id, ${sums(['reserved', ...cashoutPlaces])}, min(user_id::text)::uuid as user_id, sum(users) as users,
          min(provider) as provider, sum(providers) as providers, min(currency) as currency, sum(currencies) as currencies,
          min(reserved_at) as reserved_at, bool_or(opened) as opened
        from (
          select t.cashout_id, coalesce(sum(t.amount) filter (where m.position_from is null), 0) as reserved,
            ${cashoutPlaces.map((column) => `${added(column)} as ${column}`).join(', ')},
            min(coalesce(d.user_id, c.user_id)::text)::uuid as user_id, count(distinct coalesce(d.user_id, c.user_id)) as users,
            min(coalesce(d.provider, c.provider)) as provider, count(distinct coalesce(d.provider, c.provider)) as providers,
            min(t.currency) as currency, count(distinct t.currency) as currencies,
            min(t.posted_at) filter (where m.position_from is null) as reserved_at, false as opened
          from transfers t ${lookedUp}
          where m.position_of = 'cashout' and ${within('t.posted_at', range)}
          group by t.cashout_id
          union all
          (select distinct on (cashout_id) cashout_id, reserved, ${cashoutPlaces.join(', ')}, null, 0, null, 0, null, 0, null, true
           from opening_cashout_positions order by cashout_id, archive desc)
        ) all_that_moved group by cashout_id
      ) f on f.cashout_id = p.cashout_id
    ) looked`,
  },
  {
    // Both are kept by the same transfers, on different ways: totalEarned is the balance of program:expense.
    name: 'accounts_hold_what_their_positions_say',
    sql: () => `${answer} from (
      select coalesce(a.id::text, f.user_id || ' ' || f.kind || ' ' || f.currency) as id,
        coalesce(a.balance, 0) <> coalesce(f.amount, 0) as wrong
      from (
        select a.id, a.kind, a.user_id, a.currency, b.balance from accounts a join balances b on b.account_id = a.id
        where a.kind in ('program:expense', 'user:pending', 'user:held', 'user:in_payout')
      ) a
      full join (
        select user_id, currency, kind, sum(amount) as amount
        from (
          select user_id, currency, sum(granted - reversed) as earned, sum(pending) as pending,
            sum(held_pending + held_released) as held, 0 as in_payout
          from reward_positions group by user_id, currency
          union all
          select user_id, currency, 0, 0, 0, sum(in_payout) from cashout_positions group by user_id, currency
        ) positions
        cross join lateral (values ('program:expense', earned), ('user:pending', pending), ('user:held', held),
          ('user:in_payout', in_payout)) as v (kind, amount)
        group by user_id, currency, kind
      ) f on f.user_id = a.user_id and f.currency = a.currency and f.kind = a.kind
    ) looked`,
  },
]

/**
 * How each reward stands by the causes that `condition` admits: the highest sequence counts. One that was overtaken, or
 * refused, never counted; one that found nothing to move did.
 */
export function holdStates(condition: string): string {
  return `select distinct on (subject_id) subject_id as reward_id, detail::int as sequence, kind = 'hold' as is_held
    from causes
    where kind in ('hold', 'resume') and outcome <> 'refused' and reason is distinct from 'hold_superseded' and ${condition}
    order by subject_id, detail::int desc`
}
