import { type Database, query, type Transaction } from '@tributary/database'
import { addResults, type CheckResult, type VerificationStatus } from '../domain/verification.ts'
import { findKept, findOpeningKinds } from './kept.ts'
import type { TrialBalanceLine } from './trial-balance.ts'
import { readReport, writeReport } from './verifications.ts'
import { carryOpenings, forgetPositions } from './verified-positions.ts'
import type { BooksReport } from './verify-books.ts'
import { nothingVerified, type Verified } from './verify-new-entries.ts'

/** How far incremental verification has come. */
export type Progress = Readonly<{
  verified: Verified
  /** Anything but passed stands still at `verified`. */
  status: VerificationStatus
  ranAt: Date | null
  /** What was found since the last row; null where that is nothing. */
  report: BooksReport | null
  toldAt: Date | null
  toldBatch: bigint
  /** What was found last of money on its way and of missing answers. */
  standing: readonly CheckResult[]
  /** What all accounts of a kind hold: added up from what was verified or, while that stands still, from the balances. */
  kinds: readonly TrialBalanceLine[]
}>

type Row = Omit<Progress, 'verified' | 'report' | 'kinds'> &
  Verified['place'] &
  Readonly<{ comparedTo: string; report: object | null; kinds: Record<keyof TrialBalanceLine, string>[] }>

const iso = (column: string) =>
  `case when isfinite(${column}) then to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') else '-infinity' end`

export async function getProgress(tx: Database | Transaction): Promise<Progress> {
  const [row] = await query<Row>(
    tx,
    `select batch, ${iso('posted_at')} as "postedAt", encode(hash, 'hex') as hash, last_transfer as "lastTransfer",
       last_account as "lastAccount", ${iso('compared_to')} as "comparedTo", status, ran_at as "ranAt", report,
       nullif(told_at, '-infinity') as "toldAt", told_batch as "toldBatch", standing, kinds
     from verification_progress`,
  )
  const { batch, postedAt, hash, lastTransfer, lastAccount, comparedTo, report, kinds, ...rest } = row!
  return {
    ...rest,
    verified: { place: { batch, postedAt, hash, lastTransfer, lastAccount }, comparedTo },
    report: report === null ? null : readReport(report),
    kinds: kinds.map(({ account, currency, debits, credits, balance }) => ({
      ...{ account, currency },
      ...{ debits: BigInt(debits), credits: BigInt(credits), balance: BigInt(balance) },
    })),
  }
}

export async function updateProgress(tx: Database | Transaction, progress: Progress): Promise<void> {
  const { verified, status, ranAt, report, toldAt, toldBatch, standing, kinds } = progress
  const { batch, postedAt, hash, lastTransfer, lastAccount } = verified.place
  await query(
    tx,
    `update verification_progress set batch = ?, posted_at = ?::timestamptz, hash = decode(?, 'hex'), last_transfer = ?,
       last_account = ?, compared_to = ?::timestamptz, status = ?, ran_at = ?, report = ?::jsonb,
       told_at = coalesce(?::timestamptz, '-infinity'), told_batch = ?, standing = ?::jsonb, kinds = ?::jsonb`,
    [
      ...[batch, postedAt, hash, lastTransfer, lastAccount, verified.comparedTo, status, ranAt],
      ...[report === null ? null : writeReport(report), toldAt, toldBatch, JSON.stringify(standing)],
      JSON.stringify(kinds, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ],
  )
}

/**
 * After a failure, and once everything has been found sound up to there: begins anew with the first batch that is kept, since what was
 * carried so far may be what is wrong.
 */
export async function beginAnew(tx: Transaction, progress: Progress): Promise<void> {
  const { after: place } = await findKept(tx)
  await forgetPositions(tx)
  await carryOpenings(tx, place.postedAt)
  await updateProgress(tx, {
    ...progress,
    verified: { ...nothingVerified, place },
    status: 'passed',
    report: null,
    toldBatch: place.batch,
    kinds: await findOpeningKinds(tx),
  })
}

/** What accounts of each kind hold after they have moved. */
export function addKinds(before: readonly TrialBalanceLine[], moved: readonly TrialBalanceLine[]): TrialBalanceLine[] {
  const sums = new Map(before.map((line) => [`${line.account} ${line.currency}`, line]))
  for (const line of moved) {
    const key = `${line.account} ${line.currency}`
    const known = sums.get(key)
    sums.set(key, {
      ...line,
      debits: line.debits + (known?.debits ?? 0n),
      credits: line.credits + (known?.credits ?? 0n),
      balance: line.balance + (known?.balance ?? 0n),
    })
  }
  return [...sums.values()]
}

/** Two reports that follow each other, as one. */
export function addReports(before: BooksReport | null, now: BooksReport): BooksReport {
  if (before === null) return now
  const currencies = [...new Set([...before.imbalance, ...now.imbalance].map(({ currency }) => currency))].sort()
  const of = ({ imbalance }: BooksReport, code: string) =>
    imbalance.find(({ currency }) => currency === code)?.amount ?? 0n
  return {
    ...now,
    coverage: {
      ...now.coverage,
      batches: before.coverage.batches + now.coverage.batches,
      transfers: before.coverage.transfers + now.coverage.transfers,
      entries: before.coverage.entries + now.coverage.entries,
      accounts: before.coverage.accounts + now.coverage.accounts,
    },
    imbalance: currencies.map((currency) => ({ currency, amount: of(before, currency) + of(now, currency) })),
    checks: addResults(before.checks, now.checks),
  }
}
