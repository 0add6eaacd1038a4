import { query, type Transaction } from '@tributary/database'
import type { Cap } from '../domain/cap.ts'
import type { Beneficiary } from '../domain/rule.ts'
import { type RuleDefinition, termsOf } from './rules.ts'

/** A reward whose rule version has caps, and what is left of it. */
export type CappedReward = Readonly<{
  rewardId: string
  ruleId: string
  userId: string
  referralId: string
  beneficiary: Beneficiary
  cause: string
  granted: bigint
  remaining: bigint
  /** When it was earned; its counters are those of that time. */
  timeMs: number
  caps: readonly Cap[]
  timeZone: string
}>

/** Those of these rewards whose rule version has caps. */
export async function listCappedRewards(tx: Transaction, rewardIds: readonly string[]): Promise<CappedReward[]> {
  const rows = await query<
    Omit<CappedReward, 'timeMs' | 'caps' | 'timeZone'> & { at: Date; definition: RuleDefinition }
  >(
    tx,
    `select rewards.id as "rewardId", rewards.rule_id as "ruleId", user_id as "userId", referral_id as "referralId",
       beneficiary, cause, granted, case when refusal is null then granted - reversed else 0 end as remaining, earned_at as at, definition
     from rewards join rule_versions pinned on pinned.rule_id = rewards.rule_id and pinned.version = rewards.rule_version
     where rewards.id = any(?::uuid[]) and pinned.counts and jsonb_array_length(definition -> 'caps') > 0
     order by rewards.id`,
    [rewardIds],
  )
  return rows.map(({ at, definition, ...reward }) => {
    const { caps, timeZone } = termsOf(definition)
    return { ...reward, timeMs: at.getTime(), caps, timeZone }
  })
}
