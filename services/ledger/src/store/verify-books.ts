import { classify, type Database, query, type Transaction } from '@tributary/database'
import { type CheckResult, concludeVerification, type VerificationStatus } from '../domain/verification.ts'
import { type Check, checks } from './checks.ts'

/** What a verification looked at and found. Counts are of the whole ledger at one instant. */
export type BooksReport = Readonly<{
  status: VerificationStatus
  coverage: Readonly<{
    batches: number
    transfers: number
    entries: number
    accounts: number
    upTo: string
    notCovered: string[]
  }>
  chainHead: Readonly<{ batch: number; hash: string }>
  /** Debits less credits of each currency in use. */
  imbalance: readonly Readonly<{ currency: string; amount: bigint }>[]
  driftAccounts: number
  checks: readonly CheckResult[]
}>

/** Admitted rather than hidden: what these checks cannot show. */
const notCovered = [
  'batches cut off from the end of the chain together with its head: needs an anchor outside this database',
  'a chain rewritten from some batch on by someone who may switch triggers off: needs an anchor outside this database',
  'whether every event that should have moved money has arrived',
]

/** A check over the whole ledger takes seconds per million entries; beyond this it counts as not run. */
const CHECK_TIMEOUT_MS = 600_000

/** Checks all books as they are at one instant, in a transaction that can write nothing. */
export function verifyBooks(db: Database): Promise<BooksReport> {
  return db.transaction(checkBooks, { isolationLevel: 'repeatable read', readOnly: true })
}

/** The same in the caller's transaction, which has to be one that sees a single instant. */
export async function checkBooks(tx: Transaction): Promise<BooksReport> {
  await tx.raw(`set local statement_timeout = ${CHECK_TIMEOUT_MS}`)
  await tx.raw(`set local idle_in_transaction_session_timeout = ${CHECK_TIMEOUT_MS}`)
  const counted = await countBooks(tx)
  const imbalance = await findImbalance(tx)
  const results: CheckResult[] = []
  for (const check of checks) results.push(await runCheck(tx, check))
  const names = checks.map(({ name }) => name)
  return {
    status: concludeVerification(results, { names, transfers: counted.transfers, entries: counted.entries }),
    coverage: { ...counted, notCovered },
    chainHead: await findHead(tx),
    imbalance,
    driftAccounts: results.find(({ name }) => name === 'balances_equal_their_entries')?.broken ?? 0,
    checks: results,
  }
}

type Found = Readonly<{ checked: bigint; broken: bigint; examples: string[] }>

async function runCheck(tx: Transaction, { name, sql }: Check): Promise<CheckResult> {
  try {
    // A savepoint: one that fails must not keep the others from running.
    const [found] = await tx.transaction((inner) => query<Found>(inner, sql))
    const { checked, broken, examples } = found!
    const status = broken === 0n ? 'passed' : 'failed'
    return { name, status, checked: Number(checked), broken: Number(broken), detail: examples.join(', ') }
  } catch (error) {
    if (classify(error) === 'connection') throw error
    return {
      name,
      status: 'not_run',
      checked: 0,
      broken: 0,
      detail: error instanceof Error ? error.message : String(error),
    }
  }
}

type Counted = Readonly<{ batches: number; transfers: number; entries: number; accounts: number; upTo: string }>

async function countBooks(tx: Transaction): Promise<Counted> {
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

function findImbalance(tx: Transaction): Promise<{ currency: string; amount: bigint }[]> {
  return query(
    tx,
    `select a.currency, sum(case e.side when 'D' then e.amount else -e.amount end)::bigint as amount
     from ledger_entries e join accounts a on a.id = e.account_id group by a.currency order by a.currency`,
  )
}

async function findHead(tx: Transaction): Promise<{ batch: number; hash: string }> {
  const [head] = await query<{ batch: bigint; hash: string }>(
    tx,
    `select batch, encode(hash, 'hex') as hash from ledger_head`,
  )
  return { batch: Number(head?.batch ?? 0n), hash: head?.hash ?? '' }
}
