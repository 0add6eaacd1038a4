import { type Database, query, type Transaction } from '@tributary/database'
import { type CheckResult, concludeVerification, type VerificationStatus } from '../domain/verification.ts'
import type { Conditions, Range } from './checks/check.ts'
import { fullChecks } from './checks.ts'
import { findKept } from './kept.ts'
import { allowTime, countRange, findImbalance, type Imbalance, runChecks } from './run-checks.ts'

/** What a verification looked at and found: of the whole ledger at one instant, or of some batches. */
export type BooksReport = Readonly<{
  status: VerificationStatus
  coverage: Readonly<{
    batches: number
    transfers: number
    entries: number
    accounts: number
    upTo: string
    notCovered: readonly string[]
  }>
  chainHead: Readonly<{ batch: number; hash: string }>
  /** Debits less credits of each currency in use. */
  imbalance: Imbalance
  driftAccounts: number
  checks: readonly CheckResult[]
}>

/** Checks that need more than this database, such as a key; they run in the same transaction. */
export type MoreChecks = Readonly<{
  names: readonly string[]
  /** `notCovered`: admitted rather than hidden, what these checks cannot show. */
  run(tx: Transaction): Promise<Readonly<{ checks: readonly CheckResult[]; notCovered: readonly string[] }>>
}>

/** Without them. */
const tablesAlone: MoreChecks = {
  names: [],
  run: async () => ({
    checks: [],
    notCovered: [
      'a chain that was rewritten or cut off with its head by someone who may switch triggers off: needs the signing key',
    ],
  }),
}

/** For callers that have no clock: the database's, and what is usual. */
export const usualConditions: Conditions = { now: 'now', clearingMaxAgeDays: 7 }

/** Checks all books as they are at one instant, in a transaction that can write nothing. */
export function verifyBooks(
  db: Database,
  conditions: Conditions = usualConditions,
  more: MoreChecks = tablesAlone,
): Promise<BooksReport> {
  return db.transaction((tx) => checkBooks(tx, conditions, more), { isolationLevel: 'repeatable read', readOnly: true })
}

/** The same in the caller's transaction, which has to be one that sees a single instant. */
export async function checkBooks(
  tx: Transaction,
  conditions: Conditions = usualConditions,
  more: MoreChecks = tablesAlone,
): Promise<BooksReport> {
  await allowTime(tx)
  const range = await findKept(tx)
  const coverage = { ...(await countRange(tx, range)), upTo: await findEnd(tx) }
  const { transfers, entries } = coverage
  const imbalance = await findImbalance(tx, range)
  const { checks: found, notCovered } = await more.run(tx)
  const checks = [...(await runChecks(tx, fullChecks, { ...conditions, range })), ...found]
  const names = [...fullChecks.map(({ name }) => name), ...more.names]
  return {
    status: concludeVerification(checks, { names, transfers, entries }),
    coverage: { ...coverage, notCovered: [...notCovered, ...archivedBefore(range)] },
    chainHead: await findHead(tx),
    imbalance,
    driftAccounts: driftOf(checks),
    checks,
  }
}

/** How many accounts' balances are not what their entries say. */
export function driftOf(checks: readonly CheckResult[]): number {
  return checks.find(({ name }) => name === 'balances_equal_their_entries')?.broken ?? 0
}

function archivedBefore({ after }: Range): string[] {
  return after.batch === 0n ? [] : [`what was posted up to ${after.postedAt} and archived: verify the archives' files`]
}

async function findEnd(tx: Transaction): Promise<string> {
  const [row] = await query<{ end: string }>(
    tx,
    `select to_char(coalesce(max(posted_at), 'epoch') at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as end from batches`,
  )
  return row!.end
}

async function findHead(tx: Transaction): Promise<BooksReport['chainHead']> {
  const [head] = await query<{ batch: bigint; hash: string }>(
    tx,
    `select batch, encode(hash, 'hex') as hash from ledger_head`,
  )
  return { batch: Number(head?.batch ?? 0n), hash: head?.hash ?? '' }
}
