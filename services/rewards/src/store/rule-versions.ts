import { type Database, query, type Transaction } from '@tributary/database'
import type { VersionState } from '../domain/rule-life.ts'
import type { RuleDefinition } from './rules.ts'

export type StoredVersion = Readonly<{
  ruleId: string
  version: number
  state: VersionState
  definition: RuleDefinition
  createdAt: Date
  createdBy: string
  activeFrom: Date | null
  activeTo: Date | null
  activatedAt: Date | null
  activatedBy: string | null
}>

const columns = `rule_id as "ruleId", version, state, definition, created_at as "createdAt", created_by as "createdBy",
  active_from as "activeFrom", active_to as "activeTo", activated_at as "activatedAt", activated_by as "activatedBy"`

/** Who did something, and when. */
export type Doing = Readonly<{ by: string; at: Date }>

export async function insertRule(tx: Transaction, id: string, { by, at }: Doing): Promise<void> {
  await query(tx, 'insert into reward_rules (id, created_at, created_by) values (?, ?, ?)', [id, at, by])
}

/** Adds a draft. `eventType` is how events are found by it; the definition keeps what its author wrote. */
export async function insertVersion(
  tx: Transaction,
  draft: Readonly<{ ruleId: string; version: number; eventType: string; definition: RuleDefinition }>,
  { by, at }: Doing,
): Promise<StoredVersion> {
  const [row] = await query<StoredVersion>(
    tx,
    `insert into rule_versions (rule_id, version, event_type, definition, state, created_at, created_by)
     values (?, ?, ?, ?::jsonb, 'draft', ?, ?) returning ${columns}`,
    [draft.ruleId, draft.version, draft.eventType, JSON.stringify(draft.definition), at, by],
  )
  return row!
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

/** The versions of a rule, the newest first. */
export async function listVersions(db: Database | Transaction, ruleId: string): Promise<StoredVersion[]> {
  return await query<StoredVersion>(
    db,
    `select ${columns} from rule_versions where rule_id = ? order by version desc limit 1000`,
    [ruleId],
  )
}

/** Lets a draft count from `from` on. */
export async function activateVersion(
  tx: Transaction,
  { ruleId, version, from }: Readonly<{ ruleId: string; version: number; from: Date }>,
  { by, at }: Doing,
): Promise<StoredVersion> {
  const [row] = await query<StoredVersion>(
    tx,
    `update rule_versions set state = 'active', active_from = ?, activated_at = ?, activated_by = ?
     where rule_id = ? and version = ? returning ${columns}`,
    [from, at, by, ruleId, version],
  )
  return row!
}

/** Lets a version count no longer, from `to` on. */
export async function closeVersion(tx: Transaction, ruleId: string, version: number, to: Date): Promise<void> {
  await query(tx, `update rule_versions set state = 'retired', active_to = ? where rule_id = ? and version = ?`, [
    to,
    ruleId,
    version,
  ])
}

/** Retires the rule: what counts ends now, what was to count later never does. */
export async function retireRule(tx: Transaction, ruleId: string, { by, at }: Doing): Promise<void> {
  await query(tx, 'update reward_rules set retired_at = ?, retired_by = ? where id = ?', [at, by, ruleId])
  await query(
    tx,
    `update rule_versions set state = 'retired', active_to = greatest(active_from, ?)
     where rule_id = ? and state <> 'draft' and (active_to is null or active_to > ?)`,
    [at, ruleId, at],
  )
}

/** The newest version of each rule, the newest rule first. */
export async function listRules(
  db: Database,
  { before, limit }: Readonly<{ before: string | undefined; limit: number }>,
): Promise<StoredVersion[]> {
  return await query<StoredVersion>(
    db,
    `select distinct on (rule_id) ${columns} from rule_versions where (?::uuid is null or rule_id < ?)
     order by rule_id desc, version desc limit ?`,
    [before ?? null, before ?? null, limit],
  )
}
