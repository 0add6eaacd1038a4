import { type Database, query, type Transaction } from '@tributary/database'
import { type CheckResult, concludeVerification, type VerificationStatus } from '../domain/verification.ts'
import { type Conditions, everything } from './checks/check.ts'
import { fullChecks } from './checks.ts'
import { allowTime, findImbalance, type Imbalance, runChecks } from './run-checks.ts'

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
  const coverage = await countBooks(tx)
  const { transfers, entries } = coverage
  const imbalance = await findImbalance(tx, everything)
  const { checks: found, notCovered } = await more.run(tx)
  const checks = [...(await runChecks(tx, fullChecks, { ...conditions, range: everything })), ...found]
  const names = [...fullChecks.map(({ name }) => name), ...more.names]
  return {
    status: concludeVerification(checks, { names, transfers, entries }),
    coverage: { ...coverage, notCovered },
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

async function countBooks(tx: Transaction): Promise<Omit<BooksReport['coverage'], 'notCovered'>> {
  const [row] = await query<Record<'batches' | 'transfers' | 'entries' | 'accounts', bigint> & { upTo: string }>(
    tx,
    `select (select count(*) from batches) as batches, (select count(*) from transfers) as transfers,
       (select count(*) from ledger_entries) as entries, (select count(*) from accounts) as accounts,
       (select to_char(coalesce(max(posted_at), 'epoch') at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') from batches) as "upTo"`,
  )
  const { batches, transfers, entries, accounts, upTo } = row!
  return {
    batches: Number(batches),
    transfers: Number(transfers),
    entries: Number(entries),
    accounts: Number(accounts),
    upTo,
  }
}

async function findHead(tx: Transaction): Promise<BooksReport['chainHead']> {
  const [head] = await query<{ batch: bigint; hash: string }>(
    tx,
    `select batch, encode(hash, 'hex') as hash from ledger_head`,
  )
  return { batch: Number(head?.batch ?? 0n), hash: head?.hash ?? '' }
}
