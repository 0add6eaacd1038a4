import { type Database, query, type Transaction } from '@tributary/database'
import { type HoldChange, holderOf } from '../domain/hold.ts'
import { insertTransactions } from './reward-transactions.ts'
import type { Owner } from './rewards.ts'

/** A hold on a reward that was placed or lifted; `transactionId` is the movement that tells others, if any does. */
export type NewHoldChange = Readonly<{
  rewardId: string
  id: string
  transactionId: string
  change: HoldChange
  reason: string
  doneBy?: string | null
  note?: string | null
  eventId: string
  effectiveAt: Date
}>

/** Writes changes of holds, in the order in which they were decided; answers whose rewards they are. The rewards are locked. */
export async function changeHolds(
  tx: Transaction,
  changes: readonly NewHoldChange[],
  now: Date,
): Promise<Map<string, Owner>> {
  await insertHolds(tx, changes, now)
  const told = changes.flatMap((one) => {
    const { told } = one.change
    return told === null ? [] : [{ ...one, kind: told.kind, amount: told.amount }]
  })
  if (told.length > 0) await insertTransactions(tx, told, now)
  // What was decided last of a reward is how it stands.
  const standing = new Map(changes.map((one) => [one.rewardId, one.change.holds]))
  const sequences = new Map(told.map((one) => [one.rewardId, one.change.told!.sequence]))
  const ids = [...standing.keys()]
  const rows = await query<Owner & { id: string }>(
    tx,
    `update rewards set holds = array(select jsonb_array_elements_text(new.holds)),
       hold_sequence = coalesce(new.sequence, hold_sequence)
     from unnest(?::uuid[], ?::jsonb[], ?::int[]) as new (id, holds, sequence)
     where rewards.id = new.id returning rewards.id, user_id as "userId", currency`,
    [ids, [...standing.values()].map((holds) => JSON.stringify(holds)), ids.map((id) => sequences.get(id) ?? null)],
  )
  return new Map(rows.map(({ id, ...owner }) => [id, owner]))
}

async function insertHolds(tx: Transaction, changes: readonly NewHoldChange[], now: Date): Promise<void> {
  const holders = changes.map((one) => holderOf(one.change.hold))
  await query(
    tx,
    `insert into reward_holds (reward_id, id, holder, reference, action, reason, done_by, note, event_id,
       transaction_id, effective_at, recorded_at)
     select new.*, ?::timestamptz from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[],
       ?::text[], ?::text[], ?::uuid[], ?::uuid[], ?::timestamptz[]) as new`,
    [
      now,
      changes.map((one) => one.rewardId),
      changes.map((one) => one.id),
      holders.map((one) => one.holder),
      holders.map((one) => one.reference),
      changes.map((one) => one.change.action),
      changes.map((one) => one.reason),
      changes.map((one) => one.doneBy ?? null),
      changes.map((one) => one.note ?? null),
      changes.map((one) => one.eventId),
      changes.map((one) => (one.change.told === null ? null : one.transactionId)),
      changes.map((one) => one.effectiveAt),
    ],
  )
}

export type HoldRow = Readonly<{
  id: string
  holder: 'fraud' | 'dispute' | 'person'
  reference: string
  action: 'placed' | 'lifted'
  reason: string
  doneBy: string | null
  note: string | null
  eventId: string
  transactionId: string | null
  effectiveAt: Date
  recordedAt: Date
}>

/** Every hold that was placed on a reward or lifted, in the order in which they were written. */
export async function listHolds(db: Database, rewardId: string): Promise<HoldRow[]> {
  return await query<HoldRow>(
    db,
    `select id, holder, reference, action, reason, done_by as "doneBy", note, event_id as "eventId",
       transaction_id as "transactionId", effective_at as "effectiveAt", recorded_at as "recordedAt"
     from reward_holds where reward_id = ? order by id limit 10000`,
    [rewardId],
  )
}
