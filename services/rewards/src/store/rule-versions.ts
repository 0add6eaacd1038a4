import { type Database, query, type Transaction } from '@tributary/database'
import type { RuleFace } from '../domain/explanation.ts'
import type { Trial } from '../domain/rule.ts'
import type { VersionState } from '../domain/rule-life.ts'
import { countsWhatWas, type RuleDefinition } from './rules.ts'

export type StoredVersion = Readonly<{
  ruleId: string
  version: number
  state: VersionState
  eventType: string
  definition: RuleDefinition
  createdAt: Date
  createdBy: string
  activeFrom: Date | null
  activeTo: Date | null
  activatedAt: Date | null
  activatedBy: string | null
  /** Times in milliseconds since 1970. */
  trials: readonly Readonly<{ kind: Trial['kind']; percent: number; from: number; to: number | null }>[]
}>

const columns = `rule_id as "ruleId", version, state, event_type as "eventType", definition, created_at as "createdAt",
  created_by as "createdBy", active_from as "activeFrom", active_to as "activeTo", activated_at as "activatedAt",
  activated_by as "activatedBy", coalesce((
    select jsonb_agg(jsonb_build_object('kind', kind, 'percent', percent,
      'from', round(extract(epoch from from_at) * 1000), 'to', round(extract(epoch from to_at) * 1000)) order by from_at)
    from rule_trials t where t.rule_id = rule_versions.rule_id and t.version = rule_versions.version), '[]') as trials`

/** Adds a draft. `eventType` is how events are found by it; the definition keeps what its author wrote. */
export async function insertVersion(
  tx: Transaction,
  draft: Readonly<{ ruleId: string; version: number; eventType: string; definition: RuleDefinition }>,
  { by, at }: Readonly<{ by: string; at: Date }>,
): Promise<StoredVersion> {
  const { ruleId, version, eventType, definition } = draft
  const [row] = await query<StoredVersion>(
    tx,
    `insert into rule_versions (rule_id, version, event_type, definition, counts, state, created_at, created_by)
     values (?, ?, ?, ?::jsonb, ?, 'draft', ?, ?) returning ${columns}`,
    [ruleId, version, eventType, JSON.stringify(definition), countsWhatWas(definition), at, by],
  )
  return row!
}

/** The versions of a rule, the newest first. */
export async function listVersions(db: Database | Transaction, ruleId: string): Promise<StoredVersion[]> {
  return await query<StoredVersion>(
    db,
    `select ${columns} from rule_versions where rule_id = ? order by version desc limit 1000`,
    [ruleId],
  )
}

/** Lets a draft count from `from` on; its trials end then. */
export async function activateVersion(
  tx: Transaction,
  { ruleId, version, from }: Readonly<{ ruleId: string; version: number; from: Date }>,
  { by, at }: Readonly<{ by: string; at: Date }>,
): Promise<StoredVersion> {
  await query(
    tx,
    'update rule_trials set to_at = greatest(from_at, ?) where rule_id = ? and version = ? and to_at is null',
    [from, ruleId, version],
  )
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

/** Tries a version out from then on, instead of whichever was tried that way, and of whatever else it was tried as. */
export async function startTrial(
  tx: Transaction,
  {
    ruleId,
    version,
    kind,
    percent,
    from,
  }: Readonly<Omit<Trial, 'fromMs' | 'toMs'> & { ruleId: string; version: number; from: Date }>,
): Promise<StoredVersion> {
  await query(
    tx,
    `update rule_trials set to_at = greatest(from_at, ?)
     where rule_id = ? and to_at is null and (kind = ? or version = ?)`,
    [from, ruleId, kind, version],
  )
  await query(
    tx,
    `insert into rule_trials (rule_id, version, kind, percent, from_at) values (?, ?, ?, ?, ?)
     on conflict on constraint rule_trials_one_per_start do update set to_at = null`,
    [ruleId, version, kind, percent, from],
  )
  const [row] = await query<StoredVersion>(
    tx,
    `select ${columns} from rule_versions where rule_id = ? and version = ?`,
    [ruleId, version],
  )
  return row!
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

/** What these versions are called, by the name of the rule's newest, and the money they speak of. */
export async function listRuleFaces(
  db: Database,
  rules: readonly Readonly<{ ruleId: string; version: number }>[],
): Promise<Map<string, RuleFace>> {
  const rows = await query<RuleFace & { rule_id: string; version: number }>(
    db,
    `select v.rule_id, v.version, newest.name, v.definition ->> 'currency' as currency,
       v.definition #>> '{reward,by}' as "tiersBy"
     from rule_versions v
     cross join lateral (
       select definition ->> 'name' as name from rule_versions where rule_id = v.rule_id order by version desc limit 1
     ) newest
     where (v.rule_id, v.version) in (select * from unnest(?::uuid[], ?::integer[]))`,
    [rules.map(({ ruleId }) => ruleId), rules.map(({ version }) => version)],
  )
  return new Map(
    rows.map(({ name, currency, tiersBy, ...key }) => [faceKey(key.rule_id, key.version), { name, currency, tiersBy }]),
  )
}

/** What `listRuleFaces` keeps them by. */
export const faceKey = (ruleId: string, version: number): string => `${ruleId}/${version}`
