import { type Database, query } from '@tributary/database'
import type { Given } from '../domain/backtest.ts'

/** The rewards that these causes earned, by cause; what was taken back of them since does not count here. */
export async function listGiven(db: Database, causes: readonly string[]): Promise<Map<string, Given[]>> {
  if (causes.length === 0) return new Map()
  const rows = await query<Given & { cause: string }>(
    db,
    `select cause, rule_id as "ruleId", beneficiary, user_id as "userId", currency, granted as amount
     from rewards where cause = any(?::text[])`,
    [causes],
  )
  return Map.groupBy(rows, (row) => row.cause)
}
