import { type Database, query, type Transaction } from '@tributary/database'
import type { Adjustment, AdjustmentStatus } from '../domain/adjustment.ts'

const select = `select id, user_id as "userId", direction, amount, currency, reason, requested_by as "requestedBy",
    requested_at as "requestedAt", needs_approval as "needsApproval", status, refusal, decided_by as "decidedBy",
    decided_at as "decidedAt", decision_reason as "decisionReason"
  from adjustments`

export async function insertAdjustment(tx: Transaction, adjustment: Adjustment): Promise<void> {
  await query(
    tx,
    `insert into adjustments (id, user_id, direction, amount, currency, reason, requested_by, requested_at, needs_approval,
       status, refusal, decided_by, decided_at, decision_reason)
     values (?::uuid, ?::uuid, ?, ?::bigint, ?, ?, ?, ?::timestamptz, ?, ?, ?, ?, ?::timestamptz, ?)`,
    [
      adjustment.id,
      adjustment.userId,
      adjustment.direction,
      adjustment.amount,
      adjustment.currency,
      adjustment.reason,
      adjustment.requestedBy,
      adjustment.requestedAt,
      adjustment.needsApproval,
      adjustment.status,
      adjustment.refusal,
      adjustment.decidedBy,
      adjustment.decidedAt,
      adjustment.decisionReason,
    ],
  )
}

export async function findAdjustment(db: Database, id: string): Promise<Adjustment | null> {
  const [row] = await query<Adjustment>(db, `${select} where id = ?::uuid`, [id])
  return row ?? null
}

/** The adjustment, held to the end of the transaction: of two who decide at once, the second sees what the first decided. */
export async function lockAdjustment(tx: Transaction, id: string): Promise<Adjustment | null> {
  const [row] = await query<Adjustment>(tx, `${select} where id = ?::uuid for update`, [id])
  return row ?? null
}

/** Writes what was decided; the database lets that happen once. */
export async function decideAdjustment(
  tx: Transaction,
  { id, status, refusal, decidedBy, decidedAt, decisionReason }: Adjustment,
): Promise<void> {
  await query(
    tx,
    `update adjustments set status = ?, refusal = ?, decided_by = ?, decided_at = ?::timestamptz, decision_reason = ?
     where id = ?::uuid`,
    [status, refusal, decidedBy, decidedAt, decisionReason, id],
  )
}

export type AdjustmentFilter = Readonly<{ status: AdjustmentStatus | undefined; userId: string | undefined }>

/** Adjustments before a place, newest first. */
export function listAdjustments(
  db: Database,
  { status, userId }: AdjustmentFilter,
  before: string | null,
  limit: number,
): Promise<Adjustment[]> {
  return query<Adjustment>(
    db,
    `${select} where (?::uuid is null or id < ?) and (?::text is null or status = ?) and (?::uuid is null or user_id = ?)
     order by id desc limit ?::int`,
    [before, before, status ?? null, status ?? null, userId ?? null, userId ?? null, limit],
  )
}
