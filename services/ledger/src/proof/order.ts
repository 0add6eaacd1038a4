import type { ArchiveRow, BatchRow, BookRow, CheckpointRow, OpeningRow } from './rows.ts'

/** Where a row stands among those of its batch, as text that sorts; null where it belongs to none. */
export function orderKey(row: BookRow | CheckpointRow, batch: BatchRow | null): string | null {
  if (row.type === 'checkpoint') return `5${padded(row.sequence)}`
  if (row.type === 'batch') return null
  if ((row.type === 'account' ? row.openedAt : row.postedAt) !== batch?.postedAt) return null
  if (row.type === 'account') return `1${padded(row.id)}`
  if (row.type === 'archive') return `45${padded(row.number)}`
  if (row.type === 'transfer') return `3${padded(row.number)}`
  if (row.type === 'entry') return `40${padded(row.accountId)}${padded(row.version)}`
  return `2${row.causeId}${row.fingerprint}`
}

/** Where a row stands among those before the first batch; null where it has no business there. */
export function preambleKey(row: BookRow | OpeningRow | CheckpointRow, archive: ArchiveRow | null): string | null {
  if (row.type === 'archive') return `${padded(row.number)}0`
  if (row.type === 'account') return `${padded(archive?.number ?? '')}1${padded(row.id)}`
  return row.type === 'opening' ? `${padded(row.archive)}2${padded(row.accountId)}` : null
}

/** What people call a row. */
export function nameOf(row: BookRow | OpeningRow | CheckpointRow): string {
  if (row.type === 'archive') return `archive ${row.number}`
  if (row.type === 'opening') return `opening balance of account ${row.accountId}`
  if (row.type === 'checkpoint') return `checkpoint ${row.sequence}`
  if (row.type === 'batch') return `batch ${row.number}`
  if (row.type === 'account') return `account ${row.id}`
  if (row.type === 'transfer') return `transfer ${row.number} ${row.id}`
  if (row.type === 'entry') return `account ${row.accountId} version ${row.version}`
  return `${row.type} ${row.causeId}`
}

const padded = (number: string) => number.padStart(19, '0')
