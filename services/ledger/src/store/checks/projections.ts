import { added, answer, type Check, lookedUp } from './check.ts'

/** What is kept beside the history for quick reading, each folded anew from all of it. */
export const projectionChecks: readonly Check[] = [
  {
    name: 'balances_equal_their_entries',
    sql: () => `${answer} from (
      select coalesce(a.id, b.account_id) as id, (
        a.id is null or b.account_id is null or b.sign <> k.sign or b.guarded <> k.guarded
        or b.debits <> coalesce(e.debits, 0) or b.credits <> coalesce(e.credits, 0) or b.version <> coalesce(e.entries, 0)
        or b.balance <> b.sign * (b.credits - b.debits)
        or b.max_lateness <> greatest(e.lateness, interval '0') or b.max_earliness <> greatest(e.earliness, interval '0')
      ) as wrong
      from accounts a
      full join balances b on b.account_id = a.id
      left join account_kinds k on k.kind = a.kind
      left join (
        select account_id, coalesce(sum(amount) filter (where side = 'D'), 0) as debits,
          coalesce(sum(amount) filter (where side = 'C'), 0) as credits, count(*) as entries,
          max(posted_at - effective_at) as lateness, max(effective_at - posted_at) as earliness
        from ledger_entries group by account_id
      ) e on e.account_id = coalesce(a.id, b.account_id)
    ) looked`,
  },
  {
    name: 'positions_equal_their_transfers',
    sql: () => `${answer} from (
      select coalesce(p.reward_id, f.reward_id, h.reward_id) as id, (
        p.reward_id is null or f.reward_id is null or p.granted <> f.granted or p.pending <> f.pending
        or p.held_pending <> f.held_pending or p.released <> f.released or p.held_released <> f.held_released
        or p.reversed <> f.reversed or p.user_id <> f.user_id or p.currency <> f.currency or f.users <> 1 or f.currencies <> 1
        or p.hold_sequence <> coalesce(h.sequence, 0) or p.is_held <> coalesce(h.is_held, false)
      ) as wrong
      from reward_positions p
      full join (
        select t.reward_id, coalesce(sum(t.amount) filter (where m.position_from is null), 0) as granted,
          ${['pending', 'held_pending', 'released', 'held_released', 'reversed'].map((column) => `${added(column)} as ${column}`).join(', ')},
          min(c.user_id::text)::uuid as user_id, count(distinct c.user_id) as users,
          min(t.currency) as currency, count(distinct t.currency) as currencies
        from transfers t ${lookedUp}
        where m.position_of = 'reward'
        group by t.reward_id
      ) f on f.reward_id = p.reward_id
      full join (${holdStates('true')}) h on h.reward_id = coalesce(p.reward_id, f.reward_id)
    ) looked`,
  },
  {
    name: 'cashouts_equal_their_transfers',
    sql: () => `${answer} from (
      select coalesce(p.cashout_id, f.cashout_id) as id, (
        p.cashout_id is null or f.cashout_id is null or p.reserved <> f.reserved or p.in_payout <> f.in_payout
        or p.paid <> f.paid or p.returned <> f.returned or p.bounced <> f.bounced or p.user_id is distinct from f.user_id
        or p.provider is distinct from f.provider or p.currency <> f.currency or p.reserved_at is distinct from f.reserved_at
        or f.users <> 1 or f.providers > 1 or f.currencies <> 1
      ) as wrong
      from cashout_positions p
      full join (
        select t.cashout_id, coalesce(sum(t.amount) filter (where m.position_from is null), 0) as reserved,
          ${['in_payout', 'paid', 'returned', 'bounced'].map((column) => `${added(column)} as ${column}`).join(', ')},
          min(coalesce(d.user_id, c.user_id)::text)::uuid as user_id, count(distinct coalesce(d.user_id, c.user_id)) as users,
          min(coalesce(d.provider, c.provider)) as provider, count(distinct coalesce(d.provider, c.provider)) as providers,
          min(t.currency) as currency, count(distinct t.currency) as currencies,
          min(t.posted_at) filter (where m.position_from is null) as reserved_at
        from transfers t ${lookedUp}
        where m.position_of = 'cashout'
        group by t.cashout_id
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
