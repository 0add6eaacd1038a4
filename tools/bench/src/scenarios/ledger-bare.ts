import { type Database, inTransaction, query, type Transaction } from '@tributary/database'
import type { Posting } from './ledger-postings.ts'

/** The same tables without what guards them: same columns, primary keys, partitioning and fill factors; no triggers, checks or functions. */
export async function makeBareTables(owner: Database, serviceRole: string): Promise<void> {
  for (const table of ['transfers', 'ledger_entries']) {
    await query(owner, `create table bare_${table} (like ${table} including indexes) partition by range (posted_at)`)
    await query(owner, `create table bare_${table}_all partition of bare_${table} default`)
  }
  await query(owner, 'create table bare_causes (like causes including indexes)')
  await query(owner, 'create table bare_positions (like reward_positions including indexes) with (fillfactor = 80)')
  await query(owner, 'create table bare_balances (like balances including indexes) with (fillfactor = 50)')
  await query(
    owner,
    `insert into bare_balances (account_id, sign, guarded, debits, credits, version, balance, max_lateness, max_earliness)
     select id, 1, false, 0, 0, 0, 0, '0', '0' from generate_series(1, 2000) id`,
  )
  const tables = 'bare_transfers, bare_ledger_entries, bare_causes, bare_positions, bare_balances'
  await query(owner, `grant select, insert, update on ${tables} to "${serviceRole}"`)
}

/**
 * Writes the rows of a batch as they will stand, one INSERT ... SELECT unnest for each table and one grouped UPDATE of the
 * balances. Nothing is read, computed, checked or told. `lean`: transfers, entries and balances only.
 */
export function postBare(db: Database, postings: readonly Posting[], lean: boolean): Promise<void> {
  return inTransaction(db, async (tx) => {
    const postedAt = new Date().toISOString()
    await insertTransfers(tx, postings, postedAt)
    await insertEntries(tx, postings, postedAt)
    await updateBalances(tx, postings)
    if (!lean) await insertCausesAndPositions(tx, postings, postedAt)
  })
}

let counter = 0

async function insertTransfers(tx: Transaction, postings: readonly Posting[], postedAt: string): Promise<void> {
  await query(
    tx,
    `insert into bare_transfers (posted_at, effective_at, number, debit_account, credit_account, amount, id, cause_id,
       reward_id, kind, currency)
     select ?::timestamptz, * from unnest(?::timestamptz[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::uuid[],
       ?::uuid[], ?::uuid[], ?::text[], ?::text[])`,
    [
      postedAt,
      postings.map((one) => one.time),
      postings.map(() => ++counter),
      postings.map((one) => one.account),
      postings.map((one) => one.account + 1000),
      postings.map((one) => one.amount),
      postings.map((one) => one.transferId),
      postings.map((one) => one.causeId),
      postings.map((one) => one.rewardId),
      postings.map(() => 'earn'),
      postings.map(() => 'USD'),
    ],
  )
}

async function insertEntries(tx: Transaction, postings: readonly Posting[], postedAt: string): Promise<void> {
  const both = [...postings, ...postings]
  await query(
    tx,
    `insert into bare_ledger_entries (posted_at, account_id, version, effective_at, amount, balance_after, transfer_id, side)
     select ?::timestamptz, * from unnest(?::bigint[], ?::bigint[], ?::timestamptz[], ?::bigint[], ?::bigint[], ?::uuid[], ?::"char"[])`,
    [
      postedAt,
      both.map((one, index) => one.account + (index < postings.length ? 0 : 1000)),
      both.map(() => ++counter),
      both.map((one) => one.time),
      both.map((one) => one.amount),
      both.map(() => counter),
      both.map((one) => one.transferId),
      both.map((_, index) => (index < postings.length ? 'D' : 'C')),
    ],
  )
}

async function updateBalances(tx: Transaction, postings: readonly Posting[]): Promise<void> {
  const both = [...postings, ...postings]
  await query(
    tx,
    `update bare_balances b set debits = b.debits + x.debits, credits = b.credits + x.credits, version = b.version + x.entries,
       balance = b.balance + x.credits - x.debits
     from (select account_id, sum(debit)::bigint as debits, sum(credit)::bigint as credits, count(*) as entries
           from unnest(?::bigint[], ?::bigint[], ?::bigint[]) as t (account_id, debit, credit) group by account_id) x
     where b.account_id = x.account_id`,
    [
      both.map((one, index) => one.account + (index < postings.length ? 0 : 1000)),
      both.map((one, index) => (index < postings.length ? one.amount : 0n)),
      both.map((one, index) => (index < postings.length ? 0n : one.amount)),
    ],
  )
}

async function insertCausesAndPositions(
  tx: Transaction,
  postings: readonly Posting[],
  postedAt: string,
): Promise<void> {
  await query(
    tx,
    `insert into bare_causes (cause_id, posted_at, fingerprint, outcome, transfer_ids, kind, subject_id, user_id, amount, currency)
     select cause_id, ?::timestamptz, fingerprint, 'posted', array[transfer_id], 'earn', reward_id, user_id, amount, 'USD'
     from unnest(?::uuid[], ?::bytea[], ?::uuid[], ?::uuid[], ?::uuid[], ?::bigint[])
       as t (cause_id, fingerprint, transfer_id, reward_id, user_id, amount)`,
    [
      postedAt,
      postings.map((one) => one.causeId),
      postings.map((one) => `\\x${one.causeId.replaceAll('-', '').repeat(2)}`),
      postings.map((one) => one.transferId),
      postings.map((one) => one.rewardId),
      postings.map((one) => one.userId),
      postings.map((one) => one.amount),
    ],
  )
  await query(
    tx,
    `insert into bare_positions (reward_id, user_id, currency, granted, pending, held_pending, released, reversed,
       held_released, hold_sequence, is_held)
     select reward_id, user_id, 'USD', amount, amount, 0, 0, 0, 0, 0, false
     from unnest(?::uuid[], ?::uuid[], ?::bigint[]) as t (reward_id, user_id, amount)`,
    [postings.map((one) => one.rewardId), postings.map((one) => one.userId), postings.map((one) => one.amount)],
  )
}
