import { query, type Transaction } from '@tributary/database'
import type { CapSpending } from '../domain/cap.ts'
import type { Rate } from '../domain/rate.ts'
import type { Beneficiary } from '../domain/rule.ts'
import type { ScreenedReward, ScreeningState } from '../domain/screening.ts'
import { insertTransactions } from './reward-transactions.ts'

/** A reward just granted; `transactionId` is its first movement. */
export type NewReward = Readonly<{
  id: string
  transactionId: string
  ruleId: string
  ruleVersion: number
  cause: string
  beneficiary: Beneficiary
  userId: string
  referralId: string
  eventId: string
  currency: string
  granted: bigint
  /** What was granted by, pinned. */
  rate: Rate
  /** What it uses of its rule's caps. */
  spendings: readonly CapSpending[]
  dueAt: Date
  earnedAt: Date
}>

export async function insertRewards(tx: Transaction, rewards: readonly NewReward[], now: Date): Promise<void> {
  await query(
    tx,
    `insert into rewards (id, rule_id, rule_version, cause, beneficiary, user_id, referral_id, event_id, currency,
       granted, rate_basis_points, due_at, earned_at, recorded_at)
     select new.*, ?::timestamptz from unnest(?::uuid[], ?::uuid[], ?::int[], ?::text[], ?::text[], ?::uuid[],
       ?::uuid[], ?::uuid[], ?::text[], ?::bigint[], ?::int[], ?::timestamptz[], ?::timestamptz[]) as new`,
    [
      now,
      rewards.map((one) => one.id),
      rewards.map((one) => one.ruleId),
      rewards.map((one) => one.ruleVersion),
      rewards.map((one) => one.cause),
      rewards.map((one) => one.beneficiary),
      rewards.map((one) => one.userId),
      rewards.map((one) => one.referralId),
      rewards.map((one) => one.eventId),
      rewards.map((one) => one.currency),
      rewards.map((one) => one.granted),
      rewards.map(({ rate }) => (rate.kind === 'percent' ? rate.basisPoints : null)),
      rewards.map((one) => one.dueAt),
      rewards.map((one) => one.earnedAt),
    ],
  )
  const movements = rewards.map((one) => ({
    ...one,
    rewardId: one.id,
    kind: 'earned' as const,
    amount: one.granted,
    reason: null,
    effectiveAt: one.earnedAt,
  }))
  await insertTransactions(tx, movements, now)
}

export type NewReversal = Readonly<{
  rewardId: string
  transactionId: string
  amount: bigint
  reason: string
  doneBy?: string | null
  note?: string | null
  eventId: string
  effectiveAt: Date
}>

/** Whose reward it is, and in what it is paid. */
export type Owner = Readonly<{ userId: string; currency: string }>

/** Takes rewards back, a part or all; answers whose money it was. The database refuses more than was granted. */
export async function reverseRewards(
  tx: Transaction,
  reversals: readonly NewReversal[],
  now: Date,
): Promise<Map<string, Owner>> {
  const rows = await query<Owner & { id: string }>(
    tx,
    // Summed first: an update takes only one of several rows for the same reward.
    `update rewards set reversed = reversed + new.amount
     from (select id, sum(amount) as amount from unnest(?::uuid[], ?::bigint[]) as one (id, amount) group by id) as new
     where rewards.id = new.id returning rewards.id, user_id as "userId", currency`,
    [reversals.map((one) => one.rewardId), reversals.map((one) => one.amount)],
  )
  await insertTransactions(
    tx,
    reversals.map((one) => ({ ...one, kind: 'reversed' })),
    now,
  )
  return new Map(rows.map(({ id, ...rest }) => [id, rest]))
}

/** A reward as it is decided upon; `eventId` is the sender's event that earned it. */
export type LockedReward = ScreenedReward & Readonly<{ eventId: string }>

/** Locks these rewards, sorted, and answers those that there are. */
export async function lockRewards(tx: Transaction, ids: readonly string[]): Promise<Map<string, LockedReward>> {
  const rows = await query<LockedReward & { id: string }>(
    tx,
    `select id, granted, reversed, screening, screening_revision as revision, refusal, holds,
       hold_sequence as "holdSequence", event_id as "eventId" from rewards
     where id = any(?::uuid[]) order by id for no key update`,
    [ids],
  )
  return new Map(rows.map(({ id, ...reward }) => [id, reward]))
}

export type ScreeningNote = Readonly<{ rewardId: string; screening: ScreeningState; revision: number }>

/** Writes what was heard of screenings; of several notes on one reward the highest revision counts. */
export async function noteScreenings(tx: Transaction, notes: readonly ScreeningNote[]): Promise<void> {
  await query(
    tx,
    `update rewards set screening = new.screening, screening_revision = new.revision
     from (select distinct on (id) * from unnest(?::uuid[], ?::text[], ?::int[]) as one (id, screening, revision)
           order by id, revision desc) as new
     where rewards.id = new.id and rewards.screening_revision < new.revision`,
    [notes.map((one) => one.rewardId), notes.map((one) => one.screening), notes.map((one) => one.revision)],
  )
}

/** A reward that may be released, locked; `amount` is what is left of it. */
export type MaturedReward = Readonly<{
  rewardId: string
  userId: string
  amount: bigint
  currency: string
  eventId: string
}>

/** Claims rewards that are due, passed their screening, and neither held, released nor taken back; skips what others lock. */
export async function claimMatured(tx: Transaction, now: Date, max: number): Promise<MaturedReward[]> {
  return await query<MaturedReward>(
    tx,
    `select id as "rewardId", user_id as "userId", granted - reversed as amount, currency, event_id as "eventId"
     from rewards
     where due_at <= ? and screening = 'passed' and holds = '{}' and refusal is null and released_at is null and reversed < granted
     order by due_at limit ? for no key update skip locked`,
    [now, max],
  )
}

/** Marks claimed rewards as released and writes the movements. */
export async function releaseRewards(
  tx: Transaction,
  released: readonly (MaturedReward & { transactionId: string })[],
  now: Date,
): Promise<void> {
  await query(tx, 'update rewards set released_at = ? where id = any(?::uuid[])', [
    now,
    released.map((one) => one.rewardId),
  ])
  await insertTransactions(
    tx,
    released.map((one) => ({ ...one, kind: 'released', reason: null, effectiveAt: now })),
    now,
  )
}
