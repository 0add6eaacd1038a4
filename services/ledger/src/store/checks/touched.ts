import { answer, type Check, within } from './check.ts'

/**
 * What is kept beside the history, for what new entries have touched. An account's running balance was checked entry by
 * entry, so its last entry is their fold; of a reward or a cashout, what was verified before is carried forward
 * (see `carryPositions`), so nothing older is read.
 */
export const touchedChecks: readonly Check[] = [
  {
    name: 'balances_equal_their_entries',
    sql: ({ range }) => `${answer} from (
      select t.id, (
        a.id is null or b.account_id is null or b.sign <> k.sign or b.guarded <> k.guarded
        or b.kind <> a.kind or b.user_id is distinct from a.user_id or b.provider is distinct from a.provider
        or b.currency <> a.currency
        or b.version <> coalesce(e.version, 0) or b.balance <> coalesce(e.balance_after, 0)
        or b.balance <> b.sign * (b.credits - b.debits) or b.debits < t.debits or b.credits < t.credits
        or b.max_lateness < t.lateness or b.max_earliness < t.earliness
      ) as wrong
      from (
        select id, coalesce(sum(amount) filter (where side = 'D'), 0) as debits,
          coalesce(sum(amount) filter (where side = 'C'), 0) as credits, max(late) as lateness, max(-late) as earliness
        from (
          select account_id as id, side, amount, posted_at - effective_at as late
          from ledger_entries where ${within('posted_at', range)}
          union all
          select id, null, null, null from accounts where ${within('opened_at', range)}
        ) entries group by id
      ) t
      left join accounts a on a.id = t.id
      left join account_kinds k on k.kind = a.kind
      left join balances b on b.account_id = t.id
      left join lateral (
        select version, balance_after from ledger_entries where account_id = t.id order by version desc limit 1
      ) e on true
    ) looked`,
  },
]

/** Where positions are compared: only at the end of the history, since they may have moved on after any other batch. */
export const touchedPositionChecks: readonly Check[] = [
  {
    name: 'positions_equal_their_transfers',
    sql: ({ range }) => `${answer} from (
      select t.id, (
        p.reward_id is null or v.reward_id is null or p.pending <> v.pending or p.held_pending <> v.held_pending
        or p.released <> v.released or p.held_released <> v.held_released or p.reversed <> v.reversed
        or p.granted <> v.pending + v.held_pending + v.released + v.held_released + v.reversed
        or p.user_id <> v.user_id or p.currency <> v.currency or p.hold_sequence <> v.hold_sequence or p.is_held <> v.is_held
      ) as wrong
      from (
        select reward_id as id from transfers where ${within('posted_at', range)} and reward_id is not null
        union
        select subject_id from causes where ${within('posted_at', range)} and kind in ('hold', 'resume') and outcome <> 'refused'
      ) t
      left join reward_positions p on p.reward_id = t.id
      left join verified_rewards v on v.reward_id = t.id
    ) looked`,
  },
  {
    name: 'cashouts_equal_their_transfers',
    sql: ({ range }) => `${answer} from (
      select t.id, (
        p.cashout_id is null or v.cashout_id is null or p.in_payout <> v.in_payout or p.paid <> v.paid
        or p.returned <> v.returned or p.bounced <> v.bounced or p.reserved <> v.in_payout + v.paid + v.returned + v.bounced
        or p.user_id <> v.user_id or p.currency <> v.currency or p.provider is distinct from v.provider
        or p.reserved_at <> v.reserved_at
      ) as wrong
      from (
        select distinct t.cashout_id as id from transfers t
        where ${within('t.posted_at', range)} and t.cashout_id is not null and t.kind in ('reserve', 'settle', 'return', 'bounce')
      ) t
      left join cashout_positions p on p.cashout_id = t.id
      left join verified_cashouts v on v.cashout_id = t.id
    ) looked`,
  },
]
