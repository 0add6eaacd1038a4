import { type Database, query, type Transaction } from '@tributary/database'

/** Who did something to a rule, when, and why. */
export type Doing = Readonly<{ by: string; at: Date; reason: string | null }>

export type RuleChange = Doing &
  Readonly<{
    /** Null for the rule as a whole. */
    version: number | null
    change: 'drafted' | 'shadowed' | 'canaried' | 'activated' | 'retired'
    /** From when it counts. */
    from: Date | null
  }>

export async function insertRule(tx: Transaction, id: string, { by, at }: Doing): Promise<void> {
  await query(tx, 'insert into reward_rules (id, created_at, created_by) values (?, ?, ?)', [id, at, by])
}

/** Locks the rule, so that its versions change one at a time; null where there is none. */
export async function lockRule(tx: Transaction, id: string): Promise<{ isRetired: boolean } | null> {
  const [row] = await query<{ retired_at: Date | null }>(
    tx,
    'select retired_at from reward_rules where id = ? for no key update',
    [id],
  )
  return row ? { isRetired: row.retired_at !== null } : null
}

/** Retires the rule: what counts or is tried out ends now, what was to count later never does. */
export async function retireRule(tx: Transaction, ruleId: string, { by, at }: Doing): Promise<void> {
  await query(tx, 'update reward_rules set retired_at = ?, retired_by = ? where id = ?', [at, by, ruleId])
  await query(
    tx,
    `update rule_versions set state = 'retired', active_to = greatest(active_from, ?)
     where rule_id = ? and state <> 'draft' and (active_to is null or active_to > ?)`,
    [at, ruleId, at],
  )
  await query(
    tx,
    'update rule_trials set to_at = greatest(from_at, ?) where rule_id = ? and (to_at is null or to_at > ?)',
    [at, ruleId, at],
  )
}

export async function insertRuleChange(
  tx: Transaction,
  ruleId: string,
  { id, version, change, from, by, reason, at }: RuleChange & { id: string },
): Promise<void> {
  await query(
    tx,
    `insert into rule_changes (id, rule_id, version, change, from_at, done_by, reason, done_at)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
    [id, ruleId, version, change, from, by, reason, at],
  )
}

/** What was done to a rule, the newest first. */
export async function listRuleChanges(db: Database, ruleId: string): Promise<RuleChange[]> {
  return await query<RuleChange>(
    db,
    `select version, change, from_at as "from", done_by as by, reason, done_at as at from rule_changes
     where rule_id = ? order by id desc limit 1000`,
    [ruleId],
  )
}
