import { type Database, query } from '@tributary/database'
import type { AccountKind } from '../domain/chart.ts'

/** A user's balances in one currency. What was never used is 0. */
export type UserBalance = Readonly<{
  currency: string
  pending: bigint
  available: bigint
  held: bigint
  inPayout: bigint
  owed: bigint
  totalEarned: bigint
}>

export type BalanceFilter = Readonly<{ userId: string; currency: string | undefined }>

/** Balances as they are now; none for a user that nothing was ever posted to. */
export function findBalances(db: Database, filter: BalanceFilter): Promise<UserBalance[]> {
  return find(db, filter, 'b.balance', [])
}

/** Balances as they were recorded at an instant. */
export function findBalancesAsRecorded(db: Database, filter: BalanceFilter, asOf: string): Promise<UserBalance[]> {
  return find(db, filter, '(position_as_of(a.id, ?::timestamptz)).balance', [asOf])
}

/** Balances from what had happened at an instant, whenever it was recorded. A later answer may differ: more may have come late. */
export function findBalancesInEffect(db: Database, filter: BalanceFilter, asOf: string): Promise<UserBalance[]> {
  return find(db, filter, 'balance_in_effect(a.id, ?::timestamptz)', [asOf])
}

type Row = Readonly<{ kind: AccountKind; currency: string; balance: bigint }>

const fieldOf: Readonly<Partial<Record<AccountKind, keyof Omit<UserBalance, 'currency'>>>> = {
  'user:pending': 'pending',
  'user:available': 'available',
  'user:held': 'held',
  'user:in_payout': 'inPayout',
  'user:owed': 'owed',
  // Kept for each user, so it is what the user earned, less what was taken back.
  'program:expense': 'totalEarned',
}

async function find(
  db: Database,
  { userId, currency }: BalanceFilter,
  balance: string,
  bindings: readonly string[],
): Promise<UserBalance[]> {
  const rows = await query<Row>(
    db,
    `select a.kind, a.currency, ${balance} as balance from accounts a join balances b on b.account_id = a.id
     where a.user_id = ?::uuid and (?::text is null or a.currency = ?) order by a.currency`,
    [...bindings, userId, currency ?? null, currency ?? null],
  )
  const byCurrency = Map.groupBy(rows, (row) => row.currency)
  return [...byCurrency].map(([code, accounts]) => toBalance(code, accounts))
}

function toBalance(currency: string, accounts: readonly Row[]): UserBalance {
  const balance = { currency, pending: 0n, available: 0n, held: 0n, inPayout: 0n, owed: 0n, totalEarned: 0n }
  for (const account of accounts) {
    const field = fieldOf[account.kind]
    if (field !== undefined) balance[field] = account.balance
  }
  return balance
}
