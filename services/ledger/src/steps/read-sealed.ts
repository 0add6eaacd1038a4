import type { Database } from '@tributary/database'
import type { CheckpointRow, TransferRow } from '../proof/rows.ts'
import { findCheckpointOf, listCheckpointsAfter } from '../store/checkpoints.ts'
import { findBatchAt, findPostedAt, listBatchesAfter, readTransfers } from '../store/read-rows.ts'

/** A checkpoint with all transfers that it covers, each with its batch; `index` is the place of the one asked for. */
export type Sealed = Readonly<{
  checkpoint: CheckpointRow
  transfers: readonly (TransferRow & Readonly<{ batch: string }>)[]
  index: number
}>

/** What is needed to prove a transfer. `not_sealed`: no checkpoint covers it yet. */
export async function readSealed(db: Database, transferId: string): Promise<Sealed | 'unknown' | 'not_sealed'> {
  const postedAt = await findPostedAt(db, transferId)
  if (postedAt === null) return 'unknown'
  const batch = await findBatchAt(db, postedAt)
  const checkpoint = batch === null ? null : await findCheckpointOf(db, batch.number)
  if (checkpoint === null) return 'not_sealed'
  const after = await postedBefore(db, checkpoint)
  const span = { after, upTo: checkpoint.postedUpTo }
  const batches = await listBatchesAfter(db, span, Number(checkpoint.lastBatch) - Number(checkpoint.firstBatch) + 1)
  const numberAt = new Map(batches.map((each) => [each.postedAt, each.number]))
  const rows = await readTransfers(db, span)
  const transfers = rows.map((row) => ({ ...row, batch: numberAt.get(row.postedAt) ?? '0' }))
  return { checkpoint, transfers, index: transfers.findIndex(({ id }) => id === transferId.toLowerCase()) }
}

async function postedBefore(db: Database, { sequence }: CheckpointRow): Promise<string> {
  if (sequence === '1') return '-infinity'
  const [before] = await listCheckpointsAfter(db, String(BigInt(sequence) - 2n), 1)
  return before?.postedUpTo ?? '-infinity'
}
