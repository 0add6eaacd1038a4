import { createHash } from 'node:crypto'
import type { AccountRow, ArchiveRow, BatchRow, CauseRow, ConflictRow, OpeningRow, TransferRow } from './rows.ts'

/** What comes before the first batch and before the first checkpoint. */
export const noHash = '00'.repeat(32)

/** The bytes of an account that its batch's hash covers; the same as SQL's account_bytes. */
export function accountBytes({ id, kind, userId, provider, currency }: AccountRow): Buffer {
  return Buffer.concat([
    int8(id),
    textBytes(kind),
    optional(userId, uuidBytes),
    optional(provider, textBytes),
    textBytes(currency),
  ])
}

/** The bytes of an answered cause, or of a conflict; the same as SQL's cause_bytes. */
export function causeBytes(row: CauseRow | ConflictRow): Buffer {
  const { outcome, reason } = row.type === 'cause' ? row : { outcome: 'conflict', reason: 'conflict' }
  return Buffer.concat([
    uuidBytes(row.causeId),
    Buffer.from(row.fingerprint, 'hex'),
    textBytes(outcome),
    optional(reason, textBytes),
  ])
}

/** The bytes of a transfer; the same as SQL's transfer_bytes. What came later, the cashout, adds bytes only where it is set. */
export function transferBytes(row: TransferRow): Buffer {
  return Buffer.concat([
    int8(row.number),
    uuidBytes(row.id),
    uuidBytes(row.causeId),
    textBytes(row.kind),
    int8(row.debitAccount),
    int8(row.creditAccount),
    int8(row.amount),
    textBytes(row.currency),
    optional(row.rewardId, uuidBytes),
    instantBytes(row.effectiveAt),
    ...(row.cashoutId === null ? [] : [Buffer.of(2), uuidBytes(row.cashoutId)]),
  ])
}

/** The bytes of an archive; the same as SQL's archive_bytes. */
export function archiveBytes(row: ArchiveRow): Buffer {
  return Buffer.concat([
    int8(row.number).subarray(4),
    instantBytes(row.retainedFrom),
    int8(row.lastBatch),
    instantBytes(row.lastInstant),
    Buffer.from(row.lastHash, 'hex'),
    ...[row.lastTransfer, row.lastAccount, row.transfers, row.entries].map(int8),
    textBytes(row.fileName),
    ...[row.fileSha256, row.openingsSha256, row.positionsSha256, row.accountsSha256, row.causesSha256].map((hash) =>
      Buffer.from(hash, 'hex'),
    ),
    Buffer.from(row.previousSha256, 'hex'),
    instantBytes(row.postedAt),
  ])
}

/** What an archive's hash over its openings is made of, in the order of accounts. */
export function openingBytes({ accountId, version, debits, credits, balance }: OpeningRow): Buffer {
  return Buffer.concat([accountId, version, debits, credits, balance].map(int8))
}

/** What an archive's hash over its accounts is made of. */
export function openedBytes(row: AccountRow): Buffer {
  return Buffer.concat([accountBytes(row), instantBytes(row.openedAt)])
}

/**
 * The hash of what one batch contains, hex. Accounts by id, causes and conflicts by id and fingerprint, transfers by number.
 * What came later, archives, adds bytes only where there is one.
 */
export function bodyHash(
  sections: Readonly<Record<'accounts' | 'causes' | 'transfers' | 'archives', readonly Buffer[]>>,
): string {
  const hash = createHash('sha256')
  const { accounts, causes, transfers, archives } = sections
  for (const parts of [accounts, causes, transfers, ...(archives.length === 0 ? [] : [archives])]) {
    hash.update(int8(String(parts.reduce((sum, part) => sum + part.length, 0))))
    for (const part of parts) hash.update(part)
  }
  return hash.digest('hex')
}

/** The chain's hash at a batch, hex, from that of the batch before. */
export function chainHash(previous: string, { number, postedAt, body }: Omit<BatchRow, 'hash'>): string {
  return createHash('sha256')
    .update(Buffer.from(previous, 'hex'))
    .update(int8(number))
    .update(instantBytes(postedAt))
    .update(Buffer.from(body, 'hex'))
    .digest('hex')
}

/** What a leaf of a checkpoint's tree is the hash of, after the byte 0: a transfer with when, and in which batch, it was posted. */
export function leafBytes(row: TransferRow, batch: string): Buffer {
  return Buffer.concat([transferBytes(row), instantBytes(row.postedAt), int8(batch)])
}

/** Whether bytes can be made of such a text at all; what a doctored file holds may be anything. */
export const isInstant = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(text) && !Number.isNaN(Date.parse(text))

const EPOCH_MS = Date.UTC(2000, 0, 1)

/** Microseconds since 2000, as PostgreSQL sends an instant. */
export function microseconds(instant: string): bigint {
  return BigInt(Date.parse(`${instant.slice(0, 23)}Z`) - EPOCH_MS) * 1_000n + BigInt(instant.slice(23, 26))
}

function instantBytes(instant: string): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(microseconds(instant))
  return bytes
}

function int8(value: string): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

function textBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  const length = Buffer.allocUnsafe(4)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}

function optional(value: string | null, toBytes: (value: string) => Buffer): Buffer {
  return value === null ? Buffer.of(0) : Buffer.concat([Buffer.of(1), toBytes(value)])
}
