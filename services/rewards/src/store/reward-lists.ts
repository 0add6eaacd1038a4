import { type Database, query, type Transaction } from '@tributary/database'
import type { Hold } from '../domain/hold.ts'
import type { Beneficiary } from '../domain/rule.ts'
import type { RewardStatus, ScreeningState } from '../domain/screening.ts'
import { whereOf } from './filter.ts'

/** A reward as it is read, never locked. */
export type RewardRow = Readonly<{
  id: string
  ruleId: string
  ruleVersion: number
  cause: string
  beneficiary: Beneficiary
  userId: string
  referralId: string
  eventId: string
  currency: string
  granted: bigint
  reversed: bigint
  dueAt: Date
  releasedAt: Date | null
  screening: ScreeningState
  holds: readonly Hold[]
  refusal: string | null
  /** Why the last of it was taken back. */
  reversedFor: string | null
  earnedAt: Date
}>

const columns = `id, rule_id as "ruleId", rule_version as "ruleVersion", cause, beneficiary, user_id as "userId",
  referral_id as "referralId", event_id as "eventId", currency, granted, reversed, due_at as "dueAt",
  released_at as "releasedAt", screening, holds, refusal, earned_at as "earnedAt",
  case when reversed > 0 then (select reason from reward_transactions
    where reward_id = rewards.id and kind = 'reversed' order by id desc limit 1) end as "reversedFor"`

/** The same as the domain's statusOf, for filters. */
const status = `case when refusal is not null then 'refused' when reversed >= granted then 'reversed' when holds <> '{}' then 'held'
  when released_at is not null then 'available' else 'pending' end`

export type RewardFilter = Readonly<{
  userId?: string | undefined
  status?: RewardStatus | undefined
  eventId?: string | undefined
  before?: string | undefined
  limit: number
}>

/** The newest first. What an event granted or changed is found by its decisions. */
export async function listRewards(db: Database, filter: RewardFilter): Promise<RewardRow[]> {
  const { clause, bindings } = whereOf([
    ['user_id = ?', filter.userId],
    [`${status} = ?`, filter.status],
    ['id in (select unnest(reward_ids) from decisions where event_id = ?)', filter.eventId],
    ['id < ?', filter.before],
  ])
  return await query<RewardRow>(db, `select ${columns} from rewards ${clause} order by id desc limit ?`, [
    ...bindings,
    filter.limit,
  ])
}

export async function findReward(db: Database | Transaction, id: string): Promise<RewardRow | null> {
  const [row] = await query<RewardRow>(db, `select ${columns} from rewards where id = ?`, [id])
  return row ?? null
}
