import { setImmediate } from 'node:timers/promises'
import { type Database, inTransaction } from '@tributary/database'
import { addToBatch, faultsOfBatch, newBatch } from '../proof/batch.ts'
import { leafBytes, noHash } from '../proof/bytes.ts'
import { type CheckpointClaim, signCheckpoint } from '../proof/checkpoint.ts'
import type { SigningKeys } from '../proof/keys.ts'
import { leafHash, newTree } from '../proof/merkle.ts'
import { nameOf } from '../proof/order.ts'
import type { BatchRow, CheckpointRow } from '../proof/rows.ts'
import { findLatestCheckpoint, insertCheckpoint, lockCheckpoints } from '../store/checkpoints.ts'
import { findBatchAt, listBatchesAfter, readSpan } from '../store/read-rows.ts'

export type Signing = Readonly<{ db: Database; now: () => Date; keys: SigningKeys }>

/** `row`: what was signed, null where another process was faster; `more`: whether batches are left to sign. */
export type Signed = Readonly<{ row: CheckpointRow | null; more: boolean }>

/** A proof reads all transfers of its checkpoint: as many as take a tenth of a second. */
const TRANSFERS_MAX = 10_000
const BATCHES_MAX = 10_000

/**
 * Signs the batches since the last checkpoint, at least one and as many as hold 10,000 transfers; null where there are none. What
 * does not hash to the chain, or does not follow from what was signed last, is never signed: that throws.
 */
export async function signNextCheckpoint({ db, now, keys }: Signing): Promise<Signed | null> {
  const last = await findLatestCheckpoint(db)
  const after = last?.postedUpTo ?? '-infinity'
  const found = await listBatchesAfter(db, { after, upTo: 'infinity' }, BATCHES_MAX)
  const batches = atMost(found, TRANSFERS_MAX)
  if (batches.length === 0) return null
  const claim = await recompute(db, last, batches)
  const row = await inTransaction(db, async (tx) => {
    await lockCheckpoints(tx)
    if ((await findLatestCheckpoint(tx))?.sequence !== last?.sequence) return null
    const signed = signCheckpoint({ ...claim, signedAt: toInstant(now()) }, keys)
    await insertCheckpoint(tx, signed)
    return signed
  })
  return { row, more: batches.length < found.length || found.length === BATCHES_MAX }
}

/** With the digits that every instant in a proof has. */
export const toInstant = (time: Date) => time.toISOString().replace('Z', '000Z')

/** Also no more than a month: a checkpoint ends with it, so that it can be archived whole. */
function atMost(batches: readonly BatchRow[], transfersMax: number): readonly BatchRow[] {
  let transfers = 0
  const monthOf = (batch: BatchRow) => batch.postedAt.slice(0, 7)
  const end = batches.findIndex((batch, index) => {
    transfers += Number(batch.transfers)
    return index > 0 && (transfers > transfersMax || monthOf(batch) !== monthOf(batches[0]!))
  })
  return end < 0 ? batches : batches.slice(0, end)
}

async function recompute(
  db: Database,
  last: CheckpointRow | null,
  batches: readonly BatchRow[],
): Promise<Omit<CheckpointClaim, 'signedAt'>> {
  let before = last === null ? null : await findBatchAt(db, last.postedUpTo)
  if ((before?.hash ?? noHash) !== (last?.chainHash ?? noHash)) {
    throw new Error(`not signed: batch ${last?.lastBatch} is no longer what checkpoint ${last?.sequence} says`)
  }
  const end = batches.at(-1)!
  const posted = await readSpan(db, { after: last?.postedUpTo ?? '-infinity', upTo: end.postedAt })
  const rowsAt = new Map(posted.map(({ at, rows }) => [at, rows]))
  const tree = newTree()
  for (const row of batches) {
    const batch = newBatch(row)
    for (const one of rowsAt.get(row.postedAt) ?? []) if (one.type !== 'batch') addToBatch(batch, one)
    rowsAt.delete(row.postedAt)
    const [fault] = faultsOfBatch(batch, before)
    if (fault !== undefined) throw new Error(`not signed: batch ${row.number} ${fault}`)
    for (const transfer of batch.transfers) tree.add(leafHash(leafBytes(transfer, row.number)))
    before = row
    // Hashing thousands of rows takes a while: others get their turn after each batch.
    await setImmediate()
  }
  for (const [row] of rowsAt.values()) throw new Error(`not signed: ${nameOf(row!)} belongs to no batch`)
  return {
    sequence: String(BigInt(last?.sequence ?? 0) + 1n),
    firstBatch: batches[0]!.number,
    lastBatch: end.number,
    chainHash: end.hash,
    lastTransfer: end.lastTransfer,
    transfers: String(tree.size()),
    treeRoot: tree.root().toString('hex'),
    postedUpTo: end.postedAt,
    previous: last?.hash ?? noHash,
  }
}
