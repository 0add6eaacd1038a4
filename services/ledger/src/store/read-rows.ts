import { type Database, query } from '@tributary/database'
import type {
  AccountRow,
  ArchiveRow,
  BatchRow,
  BookRow,
  CauseRow,
  ConflictRow,
  EntryRow,
  TransferRow,
} from '../proof/rows.ts'

/** An instant as it is exported and hashed: UTC, with microseconds. */
export const instant = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** The instants between which rows are read: after `after`, up to and with `upTo`. As PostgreSQL reads them, so `-infinity` is one. */
export type Span = Readonly<{ after: string; upTo: string }>

/** What was posted at one instant. Without its batch, the rows belong to none: somebody put them there. */
export type Posted = Readonly<{ at: string; rows: readonly BookRow[] }>

const batches = `select 'batch' as type, number::text, ${instant('posted_at')} as "postedAt", transfers::text,
    last_transfer::text as "lastTransfer", last_account::text as "lastAccount", encode(body, 'hex') as body, encode(hash, 'hex') as hash
  from batches`

/** The batches posted after an instant, in the order of time, at most `limit`. */
export function listBatchesAfter(db: Database, { after, upTo }: Span, limit: number): Promise<BatchRow[]> {
  return query<BatchRow>(
    db,
    `${batches} where posted_at > ?::timestamptz and posted_at <= ?::timestamptz order by batches.posted_at limit ?`,
    [after, upTo, limit],
  )
}

/** The batch of an instant; null where none was posted then. */
export async function findBatchAt(db: Database, at: string): Promise<BatchRow | null> {
  const [row] = await query<BatchRow>(db, `${batches} where posted_at = ?::timestamptz`, [at])
  return row ?? null
}

const transferColumns = `'transfer' as type, r.number::text, r.id, r.cause_id as "causeId", r.kind,
    r.debit_account::text as "debitAccount", r.credit_account::text as "creditAccount", r.amount::text, r.currency,
    r.reward_id as "rewardId", r.cashout_id as "cashoutId", ${instant('r.effective_at')} as "effectiveAt",
    ${instant('r.posted_at')} as "postedAt"`

export const archiveColumns = `'archive' as type, r.number::text, ${instant('r.retained_from')} as "retainedFrom", r.last_batch::text as "lastBatch",
    ${instant('r.last_instant')} as "lastInstant", encode(r.last_hash, 'hex') as "lastHash", r.last_transfer::text as "lastTransfer",
    r.last_account::text as "lastAccount", r.transfers::text, r.entries::text, r.file_name as "fileName",
    encode(r.file_sha256, 'hex') as "fileSha256", encode(r.openings_sha256, 'hex') as "openingsSha256",
    encode(r.positions_sha256, 'hex') as "positionsSha256", encode(r.accounts_sha256, 'hex') as "accountsSha256",
    encode(r.causes_sha256, 'hex') as "causesSha256", encode(r.previous_sha256, 'hex') as "previousSha256",
    ${instant('r.posted_at')} as "postedAt"`

/** Every table that the books are made of: its columns as rows.ts has them, and the order in which its rows are hashed. */
const tables = [
  {
    from: 'accounts r',
    at: 'r.opened_at',
    order: 'r.id',
    columns: `'account' as type, r.id::text, r.kind, r.user_id as "userId", r.provider, r.currency, ${instant('r.opened_at')} as "openedAt"`,
  },
  {
    from: 'causes r',
    at: 'r.posted_at',
    order: 'r.cause_id, r.fingerprint',
    columns: `'cause' as type, r.cause_id as "causeId", encode(r.fingerprint, 'hex') as fingerprint, r.outcome, r.reason,
      r.transfer_ids as "transferIds", ${instant('r.posted_at')} as "postedAt", r.kind, r.subject_id as "subjectId",
      r.user_id as "userId", r.amount::text, r.currency, r.detail`,
  },
  {
    from: 'cause_conflicts r',
    at: 'r.posted_at',
    order: 'r.cause_id, r.fingerprint',
    columns: `'conflict' as type, r.cause_id as "causeId", encode(r.fingerprint, 'hex') as fingerprint, ${instant('r.posted_at')} as "postedAt"`,
  },
  { from: 'transfers r', at: 'r.posted_at', order: 'r.number, r.id', columns: transferColumns },
  {
    from: 'ledger_entries r',
    at: 'r.posted_at',
    order: 'r.account_id, r.version',
    columns: `'entry' as type, r.account_id::text as "accountId", r.version::text, r.side, r.amount::text,
      r.balance_after::text as "balanceAfter", r.transfer_id as "transferId", ${instant('r.effective_at')} as "effectiveAt",
      ${instant('r.posted_at')} as "postedAt"`,
  },
  { from: 'archives r', at: 'r.posted_at', order: 'r.number', columns: archiveColumns },
] as const

type Row = ArchiveRow | AccountRow | CauseRow | ConflictRow | TransferRow | EntryRow

/**
 * All rows of a span of time, by instant and in the order in which they are hashed. Read by time and not by a join with the
 * batches, so that a row which belongs to none is read as well.
 */
export async function readSpan(db: Database, { after, upTo }: Span): Promise<Posted[]> {
  const rows: Row[] = []
  for (const { from, at, order, columns } of tables) {
    const where = `${at} > ?::timestamptz and ${at} <= ?::timestamptz`
    rows.push(
      ...(await query<Row>(db, `select ${columns} from ${from} where ${where} order by ${at}, ${order}`, [
        after,
        upTo,
      ])),
    )
  }
  return byInstant(rows)
}

/** Rows from after an instant that no batch accounts for; those of a batch that is being posted meanwhile are not among them. */
export async function readStrays(db: Database, after: string): Promise<Posted[]> {
  const rows: Row[] = []
  for (const { from, at, order, columns } of tables) {
    const isStray = `${at} > ?::timestamptz and not exists (select from batches b where b.posted_at = ${at})`
    rows.push(
      ...(await query<Row>(db, `select ${columns} from ${from} where ${isStray} order by ${at}, ${order}`, [after])),
    )
  }
  return byInstant(rows)
}

/** The transfers of a span, in the order of posting. */
export function readTransfers(db: Database, { after, upTo }: Span): Promise<TransferRow[]> {
  return query<TransferRow>(
    db,
    `select ${transferColumns} from transfers r where r.posted_at > ?::timestamptz and r.posted_at <= ?::timestamptz order by r.number`,
    [after, upTo],
  )
}

/** When a transfer was posted; null where there is no such transfer. */
export async function findPostedAt(db: Database, transferId: string): Promise<string | null> {
  const select = `select ${instant('posted_at')} as "postedAt" from transfers where id = ?::uuid`
  const [row] = await query<{ postedAt: string }>(db, select, [transferId])
  return row?.postedAt ?? null
}

function byInstant(rows: readonly Row[]): Posted[] {
  const groups = Map.groupBy(rows, (row) => (row.type === 'account' ? row.openedAt : row.postedAt))
  const sorted = [...groups].sort(([one], [other]) => (one < other ? -1 : 1))
  return sorted.map(([at, mine]) => ({ at, rows: withAnswersInOrder(mine) }))
}

/** Causes and conflicts come from two tables and are hashed in one order. */
function withAnswersInOrder(rows: readonly Row[]): Row[] {
  const isAnswer = (row: Row): row is CauseRow | ConflictRow => row.type === 'cause' || row.type === 'conflict'
  const key = ({ causeId, fingerprint }: CauseRow | ConflictRow) => causeId + fingerprint
  const answers = rows.filter(isAnswer).sort((one, other) => (key(one) < key(other) ? -1 : 1))
  const first = rows.findIndex(({ type }) => type === 'transfer' || type === 'entry' || type === 'archive')
  const later = first < 0 ? [] : rows.slice(first)
  return [...rows.filter((row) => row.type === 'account'), ...answers, ...later]
}
