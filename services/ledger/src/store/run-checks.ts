import { classify, query, type Transaction } from '@tributary/database'
import type { CheckResult } from '../domain/verification.ts'
import { type Check, type Range, type Scope, within } from './checks/check.ts'

/** A check over the whole ledger takes seconds per million entries; beyond this it counts as not run. */
const CHECK_TIMEOUT_MS = 600_000

/** Gives the transaction the time that checks may take. */
export async function allowTime(tx: Transaction): Promise<void> {
  await tx.raw(`set local statement_timeout = ${CHECK_TIMEOUT_MS}`)
  await tx.raw(`set local idle_in_transaction_session_timeout = ${CHECK_TIMEOUT_MS}`)
}

/** Runs checks one after the other, in a transaction that sees a single instant. */
export async function runChecks(tx: Transaction, checks: readonly Check[], scope: Scope): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const { name, sql } of checks) {
    results.push(
      await attempt(name, () => tx.transaction(async (inner) => (await query<Found>(inner, sql(scope)))[0]!)),
    )
  }
  return results
}

export type Found = Readonly<{ checked: bigint; broken: bigint; examples: string[] }>

/** What a check found, or that it could not be finished, which proves nothing. `run` must undo itself where it fails. */
export async function attempt(name: string, run: () => Promise<Found>): Promise<CheckResult> {
  try {
    const { checked, broken, examples } = await run()
    const status = broken === 0n ? 'passed' : 'failed'
    return { name, status, checked: Number(checked), broken: Number(broken), detail: examples.join(', ') }
  } catch (error) {
    if (classify(error) === 'connection') throw error
    const detail = error instanceof Error ? error.message : String(error)
    return { name, status: 'not_run', checked: 0, broken: 0, detail }
  }
}

export type Imbalance = readonly Readonly<{ currency: string; amount: bigint }>[]

/** Debits less credits of each currency in a range. As text: what somebody made of an amount may sum to more than any column holds. */
export async function findImbalance(tx: Transaction, range: Range): Promise<{ currency: string; amount: bigint }[]> {
  const sums = await query<{ currency: string; amount: string }>(
    tx,
    `select a.currency, sum(case e.side when 'D' then e.amount else -e.amount end)::text as amount
     from ledger_entries e join accounts a on a.id = e.account_id
     where ${within('e.posted_at', range)} group by a.currency order by a.currency`,
  )
  return sums.map(({ currency, amount }) => ({ currency, amount: BigInt(amount) }))
}

type Counted = Record<'batches' | 'transfers' | 'entries' | 'accounts', number>

/** How much there is in a range. */
export async function countRange(tx: Transaction, range: Range): Promise<Counted> {
  const counted = (table: string, column = 'posted_at') =>
    `(select count(*)::int from ${table} where ${within(column, range)}) as ${table === 'ledger_entries' ? 'entries' : table}`
  const [row] = await query<Counted>(
    tx,
    `select ${counted('batches')}, ${counted('transfers')}, ${counted('ledger_entries')}, ${counted('accounts', 'opened_at')}`,
  )
  return row!
}
