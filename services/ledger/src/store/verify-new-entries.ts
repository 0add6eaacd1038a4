import { query, type Transaction } from '@tributary/database'
import { type CheckResult, concludeVerification } from '../domain/verification.ts'
import { beginning, type ChainPlace, type Conditions, type Range, type Scope, within } from './checks/check.ts'
import { newEntryChecks, touchedPositionChecks } from './checks.ts'
import { attempt, countRange, findImbalance, runChecks } from './run-checks.ts'
import type { TrialBalanceLine } from './trial-balance.ts'
import { carryPositions } from './verified-positions.ts'
import { type BooksReport, driftOf } from './verify-books.ts'

/** A batch has some hundred transfers at most: what a step writes is done within a second. */
export const BATCHES_MAX = 200

/** What was verified before: up to which batch, and up to when positions were compared. */
export type Verified = Readonly<{ place: ChainPlace; comparedTo: string }>

/** Before anything was. */
export const nothingVerified: Verified = { place: beginning, comparedTo: '-infinity' }

/** What a step looks at. */
export type NextBatches = Readonly<{
  range: Range
  end: ChainPlace
  /** Whether this is all there is. */
  atTheEnd: boolean
}>

/** Admitted rather than hidden. */
const notCovered = [
  'what was posted before these batches, and what is kept of accounts, rewards and cashouts that they do not touch',
  "an account's debits and credits altered by the same amount: its balance is compared, not both sums",
]

/** The batches after a place, some at most. At the end of all, also what stands beyond it, where nothing should. */
export async function findNextBatches(
  tx: Transaction,
  place: ChainPlace,
  batchesMax = BATCHES_MAX,
): Promise<NextBatches> {
  const [row] = await query<ChainPlace & { more: boolean }>(
    tx,
    `select number as batch, to_char(posted_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "postedAt",
       encode(hash, 'hex') as hash, last_transfer as "lastTransfer", last_account as "lastAccount",
       exists (select from batches later where later.number > b.number) as more
     from (select * from batches where number > ? order by number limit ?) b
     order by number desc limit 1`,
    [place.batch, batchesMax],
  )
  if (row === undefined) return { range: { after: place, upTo: 'infinity' }, end: place, atTheEnd: true }
  const { more, ...end } = row
  return { range: { after: place, upTo: more ? end.postedAt : 'infinity' }, end, atTheEnd: !more }
}

/**
 * Checks batches and what is kept of the accounts, rewards and cashouts that they touch. Reads in proportion to them, however
 * much was posted before. Runs in the caller's transaction, which has to be one that sees a single instant, and to be
 * undone unless this passes: it carries positions forward.
 */
export async function checkNextBatches(
  tx: Transaction,
  next: NextBatches,
  comparedTo: string,
  conditions: Conditions,
): Promise<BooksReport> {
  const { range, end } = next
  const scope: Scope = { ...conditions, range }
  const coverage = await countRange(tx, range)
  const imbalance = await findImbalance(tx, range)
  const checks = [
    ...(await runChecks(tx, newEntryChecks, scope)),
    ...(await comparePositions(tx, next, comparedTo, scope)),
  ]
  const names = [...newEntryChecks, ...touchedPositionChecks].map(({ name }) => name)
  return {
    status: concludeVerification(checks, { names, ...coverage }),
    coverage: { ...coverage, upTo: end.batch === 0n ? '1970-01-01T00:00:00.000000Z' : end.postedAt, notCovered },
    chainHead: { batch: Number(end.batch), hash: end.hash },
    imbalance,
    driftAccounts: driftOf(checks),
    checks,
  }
}

/** Carries positions over the range and, at the end of all that was posted, compares those touched since that was last done. */
async function comparePositions(
  tx: Transaction,
  { atTheEnd }: NextBatches,
  comparedTo: string,
  scope: Scope,
): Promise<CheckResult[]> {
  const nothing = { checked: 0n, broken: 0n, examples: [] }
  const carrying = await attempt('positions_are_carried', async () => {
    await tx.transaction((inner) => carryPositions(inner, scope.range))
    return nothing
  })
  if (carrying.status !== 'passed') return touchedPositionChecks.map(({ name }) => ({ ...carrying, name }))
  if (!atTheEnd) return Promise.all(touchedPositionChecks.map(({ name }) => attempt(name, async () => nothing)))
  const after = { ...scope.range.after, postedAt: comparedTo }
  return runChecks(tx, touchedPositionChecks, { ...scope, range: { after, upTo: 'infinity' } })
}

/** What batches have moved on all accounts of a kind. */
export function findMovedKinds(tx: Transaction, range: Range): Promise<TrialBalanceLine[]> {
  return query<TrialBalanceLine>(
    tx,
    `select a.kind as account, a.currency, coalesce(sum(e.amount) filter (where e.side = 'D'), 0) as debits,
       coalesce(sum(e.amount) filter (where e.side = 'C'), 0) as credits,
       sum(k.sign * case e.side when 'C' then e.amount else -e.amount end) as balance
     from ledger_entries e
     join accounts a on a.id = e.account_id
     join account_kinds k on k.kind = a.kind
     where ${within('e.posted_at', range)}
     group by a.kind, a.currency`,
  )
}
