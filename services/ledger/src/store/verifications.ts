import { type Database, query, type Transaction } from '@tributary/database'
import type { BooksReport } from './verify-books.ts'

export type Verification = Readonly<{
  id: string
  kind: 'full' | 'incremental'
  startedAt: Date
  finishedAt: Date
  /** The first and the last batch looked at; the first is after the last where nothing was new. */
  fromBatch: bigint
  toBatch: bigint
  report: BooksReport
}>

/** Keeps what a verification found. */
export async function insertVerification(db: Database | Transaction, verification: Verification): Promise<void> {
  const { id, kind, startedAt, finishedAt, fromBatch, toBatch, report } = verification
  await query(
    db,
    `insert into verifications (id, kind, started_at, finished_at, from_batch, to_batch, status, result)
     values (?::uuid, ?, ?::timestamptz, ?::timestamptz, ?, ?, ?, ?::jsonb)`,
    [id, kind, startedAt, finishedAt, fromBatch, toBatch, report.status, writeReport(report)],
  )
}

type Row = Omit<Verification, 'report' | 'fromBatch' | 'toBatch'> &
  Readonly<{ fromBatch: bigint | null; toBatch: bigint | null; result: object }>

/** The last verification of everything, whatever it found; null before the first. */
export async function findLatestVerification(db: Database | Transaction): Promise<Verification | null> {
  const [row] = await query<Row>(
    db,
    `select id, kind, started_at as "startedAt", finished_at as "finishedAt", from_batch as "fromBatch", to_batch as "toBatch", result
     from verifications where kind = 'full' order by started_at desc limit 1`,
  )
  if (!row) return null
  const { result, fromBatch, toBatch, ...rest } = row
  const report = readReport(result)
  return { ...rest, report, fromBatch: fromBatch ?? 1n, toBatch: toBatch ?? BigInt(report.chainHead.batch) }
}

/** Amounts as text: a JSON number would round them. */
export function writeReport(report: BooksReport): string {
  return JSON.stringify(report, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}

/** What `writeReport` wrote. */
export function readReport(stored: object): BooksReport {
  const { imbalance, ...rest } = stored as Omit<BooksReport, 'imbalance'> & {
    imbalance: { currency: string; amount: string }[]
  }
  return { ...rest, imbalance: imbalance.map(({ currency, amount }) => ({ currency, amount: BigInt(amount) })) }
}
