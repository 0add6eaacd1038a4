import { createHash } from 'node:crypto'
import { noHash } from './bytes.ts'
import { faultOfSignature, type PublicKey, type SigningKeys, signText } from './keys.ts'
import type { CheckpointRow } from './rows.ts'

/** What is signed: the state of the books at the end of a batch, and a tree over the transfers since the checkpoint before. */
export type CheckpointClaim = Omit<CheckpointRow, 'type' | 'hash' | 'signature' | 'keyId'>

/** The text that is signed and hashed: one line for each field, in this order, each ended by a line feed. */
export function checkpointText(row: Omit<CheckpointRow, 'type' | 'hash' | 'signature'>): string {
  return toText('tributary-ledger-checkpoint 1', [
    ['sequence', row.sequence],
    ['first-batch', row.firstBatch],
    ['last-batch', row.lastBatch],
    ['chain-hash', row.chainHash],
    ['last-transfer', row.lastTransfer],
    ['transfers', row.transfers],
    ['tree-root', row.treeRoot],
    ['posted-up-to', row.postedUpTo],
    ['signed-at', row.signedAt],
    ['previous', row.previous],
    ['key-id', row.keyId],
  ])
}

export function signCheckpoint(claim: CheckpointClaim, keys: SigningKeys): CheckpointRow {
  const row = { ...claim, keyId: keys.own.id }
  const text = checkpointText(row)
  return { type: 'checkpoint', ...row, hash: sha256(text), signature: signText(text, keys) }
}

/** What is wrong with a checkpoint by itself and after the one before it; empty where nothing is. */
export function faultsOfCheckpoint(
  row: CheckpointRow,
  before: CheckpointRow | null,
  keys: readonly PublicKey[],
): readonly string[] {
  const text = checkpointText(row)
  const expected = {
    sequence: BigInt(before?.sequence ?? 0) + 1n,
    firstBatch: BigInt(before?.lastBatch ?? 0) + 1n,
  }
  const faults = [
    row.hash === sha256(text) ? null : 'has a hash that is not that of its text',
    faultOfSignature(text, row, keys),
    BigInt(row.sequence) === expected.sequence ? null : `is not checkpoint ${expected.sequence}, which must come here`,
    BigInt(row.firstBatch) === expected.firstBatch ? null : `does not begin at batch ${expected.firstBatch}`,
    BigInt(row.lastBatch) >= BigInt(row.firstBatch) ? null : 'ends before it begins',
    row.previous === (before?.hash ?? noHash) ? null : 'does not follow from the checkpoint before it',
  ]
  return faults.filter((fault) => fault !== null)
}

/** The same for the first one of an export that begins later: what came before it is not there to compare. */
export function faultsOfFirst(row: CheckpointRow, keys: readonly PublicKey[]): readonly string[] {
  const text = checkpointText(row)
  const faults = [
    row.hash === sha256(text) ? null : 'has a hash that is not that of its text',
    faultOfSignature(text, row, keys),
  ]
  return faults.filter((fault) => fault !== null)
}

/** What an export says it contains, signed, so that its end cannot be cut off unseen. */
export type ExportHead = Readonly<{
  exportedAt: string
  headBatch: string
  headHash: string
  lastTransfer: string
  lastAccount: string
  lastCheckpoint: string
  /** Where it ends, if it is a part: everything in it was posted before. */
  until?: string
}>

/** The text that is signed for an export. */
export function exportText(head: ExportHead & Readonly<{ keyId: string }>): string {
  return toText(head.until === undefined ? 'tributary-ledger-export 1' : 'tributary-ledger-part 1', [
    ['exported-at', head.exportedAt],
    ['head-batch', head.headBatch],
    ['head-hash', head.headHash],
    ['last-transfer', head.lastTransfer],
    ['last-account', head.lastAccount],
    ['last-checkpoint', head.lastCheckpoint],
    ...(head.until === undefined ? [] : [['until', head.until] as const]),
    ['key-id', head.keyId],
  ])
}

function toText(title: string, fields: readonly (readonly [string, string])[]): string {
  return [title, ...fields.map(([name, value]) => `${name}: ${value}`), ''].join('\n')
}

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex')
