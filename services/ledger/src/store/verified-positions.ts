import { query, type Transaction } from '@tributary/database'
import { added, lookedUp, type Range, within } from './checks/check.ts'
import { holdStates } from './checks/projections.ts'

const rewardColumns = ['pending', 'held_pending', 'released', 'held_released', 'reversed']
const cashoutColumns = ['in_payout', 'paid', 'returned', 'bounced']

/** Adds what the transfers and holds of a range do to positions to what those before it did, never from the positions themselves. */
export async function carryPositions(tx: Transaction, range: Range): Promise<void> {
  await query(
    tx,
    `insert into verified_rewards as v (reward_id, user_id, currency, ${rewardColumns.join(', ')})
     select t.reward_id, min(c.user_id::text)::uuid, min(t.currency), ${rewardColumns.map(added).join(', ')}
     from transfers t ${lookedUp}
     where ${within('t.posted_at', range)} and m.position_of = 'reward'
     group by t.reward_id
     on conflict (reward_id) do update set ${rewardColumns.map(carried).join(', ')}`,
  )
  await query(
    tx,
    `update verified_rewards v set hold_sequence = h.sequence, is_held = h.is_held
     from (${holdStates(within('posted_at', range))}) h
     where v.reward_id = h.reward_id and h.sequence > v.hold_sequence`,
  )
  await query(
    tx,
    `insert into verified_cashouts as v (cashout_id, user_id, provider, currency, reserved_at, ${cashoutColumns.join(', ')})
     select t.cashout_id, min(coalesce(d.user_id, c.user_id)::text)::uuid, min(coalesce(d.provider, c.provider)), min(t.currency),
       min(t.posted_at) filter (where m.position_from is null), ${cashoutColumns.map(added).join(', ')}
     from transfers t ${lookedUp}
     where ${within('t.posted_at', range)} and m.position_of = 'cashout'
     group by t.cashout_id
     on conflict (cashout_id) do update set provider = coalesce(v.provider, excluded.provider),
       reserved_at = coalesce(v.reserved_at, excluded.reserved_at), ${cashoutColumns.map(carried).join(', ')}`,
  )
}

const carried = (column: string): string => `${column} = v.${column} + excluded.${column}`

/** Forgets what was carried so far, to begin anew. */
export async function forgetPositions(tx: Transaction): Promise<void> {
  await query(tx, 'truncate verified_rewards, verified_cashouts')
}

/** Begins with what was archived came to. Whose it was and since when is not part of that, so it is taken as it stands. */
export async function carryOpenings(tx: Transaction, upTo: string): Promise<void> {
  await query(
    tx,
    `insert into verified_rewards (reward_id, user_id, currency, ${rewardColumns.join(', ')})
     select distinct on (o.reward_id) o.reward_id, p.user_id, p.currency, ${rewardColumns.map((column) => `o.${column}`).join(', ')}
     from opening_reward_positions o join reward_positions p on p.reward_id = o.reward_id
     order by o.reward_id, o.archive desc`,
  )
  await query(
    tx,
    `update verified_rewards v set hold_sequence = h.sequence, is_held = h.is_held
     from (${holdStates(`posted_at <= '${upTo}'::timestamptz`)}) h where v.reward_id = h.reward_id`,
  )
  await query(
    tx,
    `insert into verified_cashouts (cashout_id, user_id, provider, currency, reserved_at, ${cashoutColumns.join(', ')})
     select distinct on (o.cashout_id) o.cashout_id, p.user_id, case when o.paid + o.bounced > 0 then p.provider end, p.currency,
       p.reserved_at, ${cashoutColumns.map((column) => `o.${column}`).join(', ')}
     from opening_cashout_positions o join cashout_positions p on p.cashout_id = o.cashout_id
     order by o.cashout_id, o.archive desc`,
  )
}
