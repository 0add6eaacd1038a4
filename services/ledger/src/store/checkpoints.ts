import { type Database, query, type Transaction } from '@tributary/database'
import type { CheckpointRow } from '../proof/rows.ts'
import { instant } from './read-rows.ts'

const select = `select 'checkpoint' as type, sequence::text, first_batch::text as "firstBatch", last_batch::text as "lastBatch",
    encode(chain_hash, 'hex') as "chainHash", last_transfer::text as "lastTransfer", transfers::text,
    encode(tree_root, 'hex') as "treeRoot", ${instant('posted_up_to')} as "postedUpTo", ${instant('signed_at')} as "signedAt",
    encode(previous, 'hex') as previous, key_id as "keyId", encode(hash, 'hex') as hash, encode(signature, 'hex') as signature
  from checkpoints`

/** The newest; null before the first. */
export async function findLatestCheckpoint(db: Database | Transaction): Promise<CheckpointRow | null> {
  const [row] = await query<CheckpointRow>(db, `${select} order by checkpoints.sequence desc limit 1`)
  return row ?? null
}

/** The one that covers a batch; null while none does. */
export async function findCheckpointOf(db: Database, batch: string): Promise<CheckpointRow | null> {
  const [row] = await query<CheckpointRow>(
    db,
    `${select} where last_batch >= ?::bigint and first_batch <= ?::bigint order by checkpoints.last_batch limit 1`,
    [batch, batch],
  )
  return row ?? null
}

/** Those after a sequence, at most `limit`, in their order. */
export function listCheckpointsAfter(
  db: Database | Transaction,
  sequence: string,
  limit: number,
): Promise<CheckpointRow[]> {
  return query<CheckpointRow>(db, `${select} where sequence > ?::bigint order by checkpoints.sequence limit ?`, [
    sequence,
    limit,
  ])
}

/** Those before a sequence, at most `limit`, newest first; the newest of all where it is null. */
export function listCheckpointsBefore(db: Database, sequence: string | null, limit: number): Promise<CheckpointRow[]> {
  return query<CheckpointRow>(
    db,
    `${select} where ?::bigint is null or sequence < ?::bigint order by checkpoints.sequence desc limit ?`,
    [sequence, sequence, limit],
  )
}

/** Waits until nobody else signs, and keeps others from it until the transaction ends. */
export async function lockCheckpoints(tx: Transaction): Promise<void> {
  await query(tx, 'select lock_checkpoints()')
}

/** Keeps a checkpoint. The database refuses one that does not follow from the one before. */
export async function insertCheckpoint(tx: Transaction, row: CheckpointRow): Promise<void> {
  await query(
    tx,
    `insert into checkpoints (sequence, first_batch, last_batch, chain_hash, last_transfer, transfers, tree_root, posted_up_to,
       signed_at, previous, key_id, hash, signature)
     values (?::bigint, ?::bigint, ?::bigint, decode(?, 'hex'), ?::bigint, ?::bigint, decode(?, 'hex'), ?::timestamptz,
       ?::timestamptz, decode(?, 'hex'), ?, decode(?, 'hex'), decode(?, 'hex'))`,
    [
      ...[row.sequence, row.firstBatch, row.lastBatch, row.chainHash, row.lastTransfer, row.transfers, row.treeRoot],
      ...[row.postedUpTo, row.signedAt, row.previous, row.keyId, row.hash, row.signature],
    ],
  )
}
