import type { BatchRow, BookRow, CheckpointRow } from './rows.ts'

/** Where a row stands among those of its batch, as text that sorts; null where it belongs to none. */
export function orderKey(row: BookRow | CheckpointRow, batch: BatchRow | null): string | null {
  if (row.type === 'checkpoint') return `5${padded(row.sequence)}`
  if (row.type === 'batch') return null
  if ((row.type === 'account' ? row.openedAt : row.postedAt) !== batch?.postedAt) return null
  if (row.type === 'account') return `1${padded(row.id)}`
  if (row.type === 'transfer') return `3${padded(row.number)}`
  if (row.type === 'entry') return `4${padded(row.accountId)}${padded(row.version)}`
  return `2${row.causeId}${row.fingerprint}`
}

/** What people call a row. */
export function nameOf(row: BookRow | CheckpointRow): string {
  if (row.type === 'checkpoint') return `checkpoint ${row.sequence}`
  if (row.type === 'batch') return `batch ${row.number}`
  if (row.type === 'account') return `account ${row.id}`
  if (row.type === 'transfer') return `transfer ${row.number} ${row.id}`
  if (row.type === 'entry') return `account ${row.accountId} version ${row.version}`
  return `${row.type} ${row.causeId}`
}

const padded = (number: string) => number.padStart(19, '0')
