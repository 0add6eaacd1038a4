import { query } from '@tributary/database'
import { expect } from 'vitest'
import type { Stack } from './stack.ts'

/** A user's money in one currency, in minor units; zeros are left out. */
export async function balanceOf({ client }: Stack, userId: string, currency = 'USD'): Promise<Record<string, number>> {
  const { balances } = await client.getBalance(userId)
  const { currency: _, ...amounts } = balances.find((one) => one.currency === currency) ?? { currency }
  return Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== 0))
}

/**
 * Checks the books in plain SQL, without trusting the service that keeps them: debits equal credits, every balance is
 * the sum of its entries, no version is missing, and each movement that rewards decided was answered by the ledger once.
 */
export async function expectBooksToBalance({ databases }: Stack): Promise<void> {
  const books = databases.ledger.db
  const unequal = await query(
    books,
    `select currency, sum(case side when 'D' then e.amount else -e.amount end)::text as difference
     from ledger_entries e join transfers t on t.id = e.transfer_id group by currency
     having sum(case side when 'D' then e.amount else -e.amount end) <> 0`,
  )
  expect(unequal).toEqual([])
  const drifted = await query(
    books,
    `select account_id::text from balances b left join (
       select account_id, sum(amount) filter (where side = 'D') as debits, sum(amount) filter (where side = 'C') as credits,
         count(*) as entries, max(version) as last
       from ledger_entries group by account_id) e using (account_id)
     where (b.debits, b.credits, b.version, b.version) is distinct from
       (coalesce(e.debits, 0), coalesce(e.credits, 0), coalesce(e.entries, 0), coalesce(e.last, 0))`,
  )
  expect(drifted).toEqual([])
  const answered = await query<{ cause_id: string }>(books, 'select cause_id from causes')
  const movements = await query<{ id: string }>(databases.rewards.db, 'select id from reward_transactions')
  expect(answered.map((row) => row.cause_id).sort()).toEqual(movements.map((row) => row.id).sort())
}
