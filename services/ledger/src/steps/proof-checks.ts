import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Transaction } from '@tributary/database'
import type { CheckResult } from '../domain/verification.ts'
import { newAnchorReader } from '../proof/anchor.ts'
import { faultsOfCheckpoint } from '../proof/checkpoint.ts'
import { newFindings } from '../proof/findings.ts'
import type { PublicKey, SigningKeys } from '../proof/keys.ts'
import { splitLines } from '../proof/lines.ts'
import type { CheckpointRow } from '../proof/rows.ts'
import { compareCheckpointsWithChain, countUnsignedBatches } from '../store/check-checkpoints.ts'
import { listCheckpointsAfter } from '../store/checkpoints.ts'
import { attempt, type Found } from '../store/run-checks.ts'
import type { MoreChecks } from '../store/verify-books.ts'

const PAGE = 500
const BEFORE_ALL = String(-(2n ** 63n))

/**
 * What a verification finds out by the signatures, and by the anchor where there is one. Called before the verification's
 * transaction begins: what is in the file by then is in every database that the transaction can see.
 */
export async function proofChecks(keys: SigningKeys, anchorFile: string | undefined): Promise<MoreChecks> {
  const size = anchorFile === undefined ? null : await sizeOf(anchorFile)
  const names = ['checkpoints_are_signed_and_chained', 'checkpoints_match_the_chain']
  if (anchorFile !== undefined) names.push('the_anchor_agrees')
  return {
    names,
    async run(tx) {
      const checks: CheckResult[] = [
        await attempt(names[0]!, () => checkSignatures(tx, keys.all)),
        await attempt(names[1]!, () => tx.transaction(compareCheckpointsWithChain)),
      ]
      if (anchorFile !== undefined) {
        checks.push(await attempt('the_anchor_agrees', () => compareWithAnchor(tx, keys.all, anchorFile, size)))
      }
      return { checks, notCovered: await notCovered(tx, anchorFile !== undefined) }
    },
  }
}

async function checkSignatures(tx: Transaction, keys: readonly PublicKey[]): Promise<Found> {
  const found = newFindings(['all'])
  let before: CheckpointRow | null = null
  for (let rows = await listCheckpointsAfter(tx, BEFORE_ALL, PAGE); rows.length > 0; ) {
    for (const row of rows) {
      found.looked('all')
      const faults = faultsOfCheckpoint(row, before, keys)
      if (faults.length > 0) found.broke('all', `checkpoint ${row.sequence} ${faults.join(', ')}`)
      before = row
    }
    rows = await listCheckpointsAfter(tx, rows.at(-1)!.sequence, PAGE)
  }
  return toFound(found.all()[0]!)
}

async function compareWithAnchor(
  tx: Transaction,
  keys: readonly PublicKey[],
  path: string,
  size: number | null,
): Promise<Found> {
  const found = newFindings(['all'])
  const reader = newAnchorReader(keys)
  let waiting: CheckpointRow[] = []
  const compare = async () => {
    const [first, last] = [waiting[0], waiting.at(-1)]
    if (first === undefined || last === undefined) return
    const [low, high] = [BigInt(first.sequence), BigInt(last.sequence)].sort((one, other) => (one < other ? -1 : 1))
    const known = await listCheckpointsAfter(tx, String(low! - 1n), Number(high! - low!) + 1)
    const hashes = new Map(known.map(({ sequence, hash }) => [sequence, hash]))
    for (const { sequence, hash, signedAt } of waiting) {
      found.looked('all')
      const kept = hashes.get(sequence)
      if (kept === undefined) found.broke('all', `checkpoint ${sequence}, anchored at ${signedAt}, is gone`)
      else if (kept !== hash)
        found.broke('all', `checkpoint ${sequence} is not the one that was anchored at ${signedAt}`)
    }
    waiting = []
  }
  if (size === null) {
    if ((await listCheckpointsAfter(tx, BEFORE_ALL, 1)).length > 0) found.broke('all', 'the anchor file is gone')
    return toFound(found.all()[0]!)
  }
  for await (const line of size === 0 ? [] : splitLines(createReadStream(path, { end: size - 1 }))) {
    const row = reader.read(line)
    if (typeof row === 'string') found.broke('all', row)
    // Lines come in their order, but for those that two processes wrote at once: pages stay small.
    else if (row !== null && waiting.push(row) === PAGE) await compare()
  }
  await compare()
  return toFound(found.all()[0]!)
}

async function notCovered(tx: Transaction, isAnchored: boolean): Promise<string[]> {
  const unsigned = await countUnsignedBatches(tx)
  return [
    unsigned > 0n
      ? `the last ${unsigned} batches by a signature: they could be rewritten until the next checkpoint`
      : null,
    isAnchored
      ? null
      : 'books and checkpoints cut off or made anew together: needs an anchor outside this database (LEDGER_ANCHOR_FILE)',
  ].filter((line) => line !== null)
}

const toFound = ({
  checked,
  broken,
  examples,
}: {
  checked: number
  broken: number
  examples: readonly string[]
}): Found => ({
  checked: BigInt(checked),
  broken: BigInt(broken),
  examples: [...examples],
})

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
