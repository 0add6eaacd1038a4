import { answer, type Check } from './check.ts'

/** Kind, normal side, whether it may never go below zero, whose it is. */
const accountKinds = `
  ('program:expense', -1, true, 'user'), ('program:adjustments', -1, false, 'user'), ('program:fees', -1, false, 'program'),
  ('program:cash', -1, false, 'program'), ('provider:clearing', 1, false, 'provider'), ('user:pending', 1, true, 'user'),
  ('user:available', 1, true, 'user'), ('user:held', 1, true, 'user'), ('user:in_payout', 1, true, 'user'),
  ('user:owed', -1, true, 'user')`

/** Kind, from, to, whether both are of one owner, and what it moves in the position of what. */
const movements = `
  ('earn', 'program:expense', 'user:pending', true, 'reward', null, 'pending'),
  ('release', 'user:pending', 'user:available', true, 'reward', 'pending', 'released'),
  ('hold', 'user:pending', 'user:held', true, 'reward', 'pending', 'held_pending'),
  ('hold', 'user:available', 'user:held', true, 'reward', 'released', 'held_released'),
  ('resume', 'user:held', 'user:pending', true, 'reward', 'held_pending', 'pending'),
  ('resume', 'user:held', 'user:available', true, 'reward', 'held_released', 'released'),
  ('reverse', 'user:pending', 'program:expense', true, 'reward', 'pending', 'reversed'),
  ('reverse', 'user:held', 'program:expense', true, 'reward', 'held_pending', 'reversed'),
  ('reverse', 'user:available', 'program:expense', true, 'reward', 'released', 'reversed'),
  ('reverse', 'user:owed', 'program:expense', true, 'reward', 'released', 'reversed'),
  ('net', 'user:available', 'user:owed', true, null, null, null),
  ('reserve', 'user:available', 'user:in_payout', true, 'cashout', null, 'in_payout'),
  ('settle', 'user:in_payout', 'provider:clearing', false, 'cashout', 'in_payout', 'paid'),
  ('return', 'user:in_payout', 'user:available', true, 'cashout', 'in_payout', 'returned'),
  ('bounce', 'provider:clearing', 'user:available', false, 'cashout', 'paid', 'bounced'),
  ('fee', 'program:fees', 'provider:clearing', false, null, null, null),
  ('clear', 'provider:clearing', 'program:cash', false, null, null, null),
  ('clear', 'program:cash', 'provider:clearing', false, null, null, null),
  ('adjust', 'program:adjustments', 'user:available', true, null, null, null),
  ('adjust', 'user:available', 'program:adjustments', true, null, null, null)`

/**
 * That what the other checks are guided by is what this release knows, and not what somebody made of it: a movement that was
 * added to the table would be permitted to the database, and to them.
 */
export const chartChecks: readonly Check[] = [
  {
    name: 'accounts_and_movements_are_those_of_the_chart',
    sql: () => `${answer} from (
      select concat_ws(' ', 'account kind', kind) as id, count(*) <> 2 as wrong
      from (
        select kind, sign, guarded, owner from account_kinds
        union all
        select kind, sign::smallint, guarded, owner from (values ${accountKinds}) as known (kind, sign, guarded, owner)
      ) both_kinds group by kind, sign, guarded, owner
      union all
      select concat_ws(' ', 'movement', kind, debit_kind, credit_kind), count(*) <> 2
      from (
        select kind, debit_kind, credit_kind, same_owner, position_of, position_from, position_to from permitted_movements
        union all
        values ${movements}
      ) both_movements
      group by kind, debit_kind, credit_kind, same_owner, position_of, position_from, position_to
    ) looked`,
  },
]
