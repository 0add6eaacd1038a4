import { type Database, query, type Transaction } from '@tributary/database'
import type { TallyKind } from '../domain/tally.ts'

export type TransactionKind = TallyKind

export type NewTransaction = Readonly<{
  rewardId: string
  transactionId: string
  kind: TransactionKind
  amount: bigint
  reason: string | null
  /** Who did it and what they said; neither where an event or time did it. */
  doneBy?: string | null
  note?: string | null
  eventId: string
  effectiveAt: Date
}>

/** Writes movements of rewards; nothing ever changes them. */
export async function insertTransactions(
  tx: Transaction,
  movements: readonly NewTransaction[],
  now: Date,
): Promise<void> {
  await query(
    tx,
    `insert into reward_transactions (reward_id, id, kind, amount, reason, event_id, effective_at, done_by, note,
       recorded_at)
     select new.*, ?::timestamptz from unnest(?::uuid[], ?::uuid[], ?::text[], ?::bigint[], ?::text[], ?::uuid[],
       ?::timestamptz[], ?::text[], ?::text[]) as new`,
    [
      now,
      movements.map((one) => one.rewardId),
      movements.map((one) => one.transactionId),
      movements.map((one) => one.kind),
      movements.map((one) => one.amount),
      movements.map((one) => one.reason),
      movements.map((one) => one.eventId),
      movements.map((one) => one.effectiveAt),
      movements.map((one) => one.doneBy ?? null),
      movements.map((one) => one.note ?? null),
    ],
  )
}

export type TransactionRow = Readonly<{
  id: string
  kind: TransactionKind
  amount: bigint
  reason: string | null
  doneBy: string | null
  note: string | null
  eventId: string
  effectiveAt: Date
  recordedAt: Date
}>

/** A reward's movements, in the order in which they were written. */
export async function listTransactions(db: Database, rewardId: string): Promise<TransactionRow[]> {
  return await query<TransactionRow>(
    db,
    `select id, kind, amount, reason, done_by as "doneBy", note, event_id as "eventId", effective_at as "effectiveAt",
       recorded_at as "recordedAt"
     from reward_transactions where reward_id = ? order by id limit 10000`,
    [rewardId],
  )
}
