import { type Database, query } from '@tributary/database'
import { allowTime } from './run-checks.ts'

/** A row that is not what its transfers say: `was` null where it is missing, `computed` null where there should be none. */
export type Difference = Readonly<{ projection: string; id: string; was: object | null; computed: object | null }>

export type Rebuild = Readonly<{
  /** How many rows were computed, by projection. */
  computed: Readonly<{ balances: number; rewardPositions: number; cashoutPositions: number }>
  differing: number
  /** The first of them. */
  differences: readonly Difference[]
}>

/** Enough to see what is wrong; whoever has more has another problem. */
const DIFFERENCES_MAX = 1_000

/** Computes all balances and positions anew from the transfers, beside those in use, and compares. Changes nothing. */
export function rebuildAside(db: Database): Promise<Rebuild> {
  return db.transaction(
    async (tx) => {
      await allowTime(tx)
      const [computed] = await query<Rebuild['computed']>(
        tx,
        `select (select count(*)::int from computed_balances()) as balances,
           (select count(*)::int from computed_reward_positions()) as "rewardPositions",
           (select count(*)::int from computed_cashout_positions()) as "cashoutPositions"`,
      )
      const rows = await query<Difference & { differing: number }>(
        tx,
        `select projection, id, was, computed, count(*) over ()::int as differing
         from projection_differences() order by projection, id limit ?`,
        [DIFFERENCES_MAX],
      )
      return {
        computed: computed!,
        differing: rows[0]?.differing ?? 0,
        differences: rows.map(({ projection, id, was, computed: is }) => ({ projection, id, was, computed: is })),
      }
    },
    { isolationLevel: 'repeatable read', readOnly: true },
  )
}
