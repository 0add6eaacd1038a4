import { type Database, query } from '@tributary/database'
import type { BooksReport } from './verify-books.ts'

export type Verification = Readonly<{ id: string; startedAt: Date; finishedAt: Date; report: BooksReport }>

/** Keeps what a verification found. */
export async function insertVerification(db: Database, verification: Verification): Promise<void> {
  const { id, startedAt, finishedAt, report } = verification
  // Amounts as text: a JSON number would round them.
  const result = JSON.stringify(report, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  await query(
    db,
    `insert into verifications (id, started_at, finished_at, status, result) values (?::uuid, ?::timestamptz, ?::timestamptz, ?, ?::jsonb)`,
    [id, startedAt, finishedAt, report.status, result],
  )
}

type Row = Readonly<{
  id: string
  started_at: Date
  finished_at: Date
  result: Omit<BooksReport, 'imbalance'> & { imbalance: { currency: string; amount: string }[] }
}>

/** The last verification that was started, whatever it found; null before the first. */
export async function findLatestVerification(db: Database): Promise<Verification | null> {
  const [row] = await query<Row>(
    db,
    'select id, started_at, finished_at, result from verifications order by started_at desc limit 1',
  )
  if (!row) return null
  const imbalance = row.result.imbalance.map(({ currency, amount }) => ({ currency, amount: BigInt(amount) }))
  return { id: row.id, startedAt: row.started_at, finishedAt: row.finished_at, report: { ...row.result, imbalance } }
}
