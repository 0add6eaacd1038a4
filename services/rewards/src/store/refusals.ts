import { type Database, query, type Transaction } from '@tributary/database'
import type { TransactionKind } from './reward-transactions.ts'

/** A movement of a reward that the ledger refused for good. */
export type Refusal = Readonly<{
  transactionId: string
  rewardId: string
  kind: TransactionKind
  reason: string
  refusedAt: Date
}>

/** A movement as the ledger names it, and whether its refusal is known. */
export type RefusableMovement = Pick<Refusal, 'rewardId' | 'kind'> & Readonly<{ isKnown: boolean }>

/** Those of these transactions that are rewards', by id, with their rewards locked, sorted. */
export async function lockRefusable(
  tx: Transaction,
  transactionIds: readonly string[],
): Promise<Map<string, RefusableMovement>> {
  const rows = await query<RefusableMovement & { id: string }>(
    tx,
    `select id, reward_id as "rewardId", kind from reward_transactions where id = any(?::uuid[])`,
    [transactionIds],
  )
  await query(tx, 'select from rewards where id = any(?::uuid[]) order by id for no key update', [
    rows.map((row) => row.rewardId),
  ])
  const known = await query<{ id: string }>(
    tx,
    'select transaction_id as id from reward_refusals where transaction_id = any(?::uuid[])',
    [transactionIds],
  )
  const ids = new Set(known.map(({ id }) => id))
  return new Map(rows.map(({ id, ...movement }) => [id, { ...movement, isKnown: ids.has(id) }]))
}

/** A reward whose earning was refused: what was left of it is nothing now. */
export type RefusedReward = Readonly<{ rewardId: string; left: bigint; eventId: string }>

/**
 * Keeps refusals; of a reward whose earning was refused nothing is moved from now on. Answers those that this has just
 * happened to. The rewards are locked.
 */
export async function insertRefusals(
  tx: Transaction,
  refusals: readonly Refusal[],
  now: Date,
): Promise<RefusedReward[]> {
  await query(
    tx,
    `insert into reward_refusals (transaction_id, reward_id, kind, reason, refused_at, recorded_at)
     select new.*, ?::timestamptz from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::timestamptz[]) as new`,
    [
      now,
      refusals.map((one) => one.transactionId),
      refusals.map((one) => one.rewardId),
      refusals.map((one) => one.kind),
      refusals.map((one) => one.reason),
      refusals.map((one) => one.refusedAt),
    ],
  )
  const earnings = refusals.filter(({ kind }) => kind === 'earned')
  if (earnings.length === 0) return []
  return await query<RefusedReward>(
    tx,
    `update rewards set refusal = new.reason from unnest(?::uuid[], ?::text[]) as new (id, reason)
     where rewards.id = new.id and refusal is null
     returning rewards.id as "rewardId", granted - reversed as left, event_id as "eventId"`,
    [earnings.map((one) => one.rewardId), earnings.map((one) => one.reason)],
  )
}

/** What the ledger refused of a reward, in the order in which it was asked. */
export async function listRefusals(db: Database, rewardId: string): Promise<Refusal[]> {
  return await query<Refusal>(
    db,
    `select transaction_id as "transactionId", reward_id as "rewardId", kind, reason, refused_at as "refusedAt"
     from reward_refusals where reward_id = ? order by transaction_id limit 1000`,
    [rewardId],
  )
}

/** How many movements of each kind the ledger ever refused. */
export async function countRefusals(db: Database): Promise<Map<TransactionKind, number>> {
  const rows = await query<{ kind: TransactionKind; n: number }>(
    db,
    'select kind, count(*)::int as n from reward_refusals group by kind',
  )
  return new Map(rows.map(({ kind, n }) => [kind, n]))
}
