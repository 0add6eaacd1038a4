import {
  bigints,
  type Database,
  hexBytes,
  instants,
  inTransaction,
  preparedQuery,
  query,
  type Transaction,
  texts,
  uuids,
} from '@tributary/database'
import type { Posting } from './ledger-postings.ts'

/** The same tables without what guards them: same columns, primary keys, indexes, partitioning and fill factors; no triggers, checks or functions. */
export async function makeBareTables(owner: Database, serviceRole: string): Promise<void> {
  for (const table of ['transfers', 'ledger_entries']) {
    await query(owner, `create table bare_${table} (like ${table} including indexes) partition by range (posted_at)`)
    await query(owner, `create table bare_${table}_all partition of bare_${table} default`)
  }
  for (const table of ['inbox', 'outbox']) {
    await query(owner, `create table bare_${table} (like ${table} including defaults including indexes)`)
  }
  await query(owner, 'create table bare_causes (like causes including indexes)')
  await query(
    owner,
    'create table bare_positions (like reward_positions including defaults including indexes) with (fillfactor = 80)',
  )
  await query(owner, 'create table bare_balances (like balances including indexes) with (fillfactor = 50)')
  await query(
    owner,
    `insert into bare_balances (account_id, sign, guarded, debits, credits, version, balance, max_lateness, max_earliness, kind,
       user_id, currency)
     select id, 1, false, 0, 0, 0, 0, '0', '0', case when id <= 1000 then 'program:expense' else 'user:pending' end,
       gen_random_uuid(), 'USD'
     from generate_series(1, 2000) id`,
  )
  const tables =
    'bare_transfers, bare_ledger_entries, bare_causes, bare_positions, bare_balances, bare_inbox, bare_outbox'
  await query(owner, `grant select, insert, update on ${tables} to "${serviceRole}"`)
}

/**
 * How the rows reach the server:
 *
 *   bound   arrays in binary, statements prepared: as the ledger itself binds what it sends
 *   plain   arrays as text, statements parsed each time: what a query builder does by itself
 */
export type Binding = 'bound' | 'plain'

/**
 * Which of the rows of a batch, as they will stand:
 *
 *   lean   transfers, entries and balances: the least that any double entry writes
 *   bare   causes and positions, too: all that the ledger writes
 *   all    those of the inbox and the outbox, too
 */
export type Rows = 'lean' | 'bare' | 'all'

/**
 * Writes them, one INSERT ... SELECT unnest for each table and one grouped UPDATE of the balances. Nothing is read, computed,
 * checked or told.
 */
export function postBare(db: Database, postings: readonly Posting[], rows: Rows, binding: Binding): Promise<void> {
  return inTransaction(db, async (tx) => {
    const write: Write = (name, sql, columns) => run[binding](tx, name, sql, columns)
    const postedAt = new Date()
    if (rows === 'all') await insertInbox(write, postings)
    await insertTransfers(write, postings, postedAt)
    await insertEntries(write, postings, postedAt)
    await updateBalances(write, postings)
    if (rows !== 'lean') await insertCausesAndPositions(write, postings, postedAt)
    if (rows === 'all') await insertOutbox(write, postings)
  })
}

type Column =
  | Readonly<{ uuid: readonly string[] }>
  | Readonly<{ bigint: readonly bigint[] }>
  | Readonly<{ text: readonly string[] }>
  | Readonly<{ hex: readonly string[] }>
  | Readonly<{ time: readonly Date[] }>
  | Readonly<{ one: Date }>
/** Writes columns, given in the order of the statement's `?`. */
type Write = (name: string, sql: string, columns: readonly Column[]) => Promise<unknown>

const run = {
  bound: (tx: Transaction, name: string, sql: string, columns: readonly Column[]) =>
    preparedQuery(tx, name, sql, columns.map(inBinary)),
  plain: (tx: Transaction, _name: string, sql: string, columns: readonly Column[]) =>
    query(tx, sql, columns.map(asText)),
}

function inBinary(column: Column): unknown {
  if ('one' in column) return column.one
  if ('uuid' in column) return uuids(column.uuid)
  if ('bigint' in column) return bigints(column.bigint)
  if ('text' in column) return texts(column.text)
  return 'hex' in column ? hexBytes(column.hex) : instants(column.time)
}

function asText(column: Column): unknown {
  if ('hex' in column) return column.hex.map((hex) => `\\x${hex}`)
  if ('time' in column) return column.time.map((time) => time.toISOString())
  return Object.values(column)[0]
}

let counter = 0n

function insertTransfers(write: Write, postings: readonly Posting[], postedAt: Date): Promise<unknown> {
  return write(
    'bare_transfers',
    `insert into bare_transfers (posted_at, effective_at, number, debit_account, credit_account, amount, id, cause_id,
       reward_id, kind, currency)
     select ?::timestamptz, * from unnest(?::timestamptz[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::uuid[],
       ?::uuid[], ?::uuid[], ?::text[], ?::text[])`,
    [
      { one: postedAt },
      { time: postings.map((one) => new Date(one.time)) },
      { bigint: postings.map(() => ++counter) },
      { bigint: postings.map((one) => BigInt(one.account)) },
      { bigint: postings.map((one) => BigInt(one.account + 1000)) },
      { bigint: postings.map((one) => one.amount) },
      { uuid: postings.map((one) => one.transferId) },
      { uuid: postings.map((one) => one.causeId) },
      { uuid: postings.map((one) => one.rewardId) },
      { text: postings.map(() => 'earn') },
      { text: postings.map(() => 'USD') },
    ],
  )
}

function insertEntries(write: Write, postings: readonly Posting[], postedAt: Date): Promise<unknown> {
  const both = [...postings, ...postings]
  return write(
    'bare_entries',
    `insert into bare_ledger_entries (posted_at, account_id, version, effective_at, amount, balance_after, transfer_id, side)
     select ?::timestamptz, account_id, version, effective_at, amount, balance_after, transfer_id, side::"char"
     from unnest(?::bigint[], ?::bigint[], ?::timestamptz[], ?::bigint[], ?::bigint[], ?::uuid[], ?::text[])
       as t (account_id, version, effective_at, amount, balance_after, transfer_id, side)`,
    [
      { one: postedAt },
      { bigint: both.map((one, index) => BigInt(one.account + (index < postings.length ? 0 : 1000))) },
      { bigint: both.map(() => ++counter) },
      { time: both.map((one) => new Date(one.time)) },
      { bigint: both.map((one) => one.amount) },
      { bigint: both.map(() => counter) },
      { uuid: both.map((one) => one.transferId) },
      { text: both.map((_, index) => (index < postings.length ? 'D' : 'C')) },
    ],
  )
}

function updateBalances(write: Write, postings: readonly Posting[]): Promise<unknown> {
  const both = [...postings, ...postings]
  return write(
    'bare_balances',
    `update bare_balances b set debits = b.debits + x.debits, credits = b.credits + x.credits, version = b.version + x.entries,
       balance = b.balance + x.credits - x.debits
     from (select account_id, sum(debit)::bigint as debits, sum(credit)::bigint as credits, count(*) as entries
           from unnest(?::bigint[], ?::bigint[], ?::bigint[]) as t (account_id, debit, credit) group by account_id) x
     where b.account_id = x.account_id`,
    [
      { bigint: both.map((one, index) => BigInt(one.account + (index < postings.length ? 0 : 1000))) },
      { bigint: both.map((one, index) => (index < postings.length ? one.amount : 0n)) },
      { bigint: both.map((one, index) => (index < postings.length ? 0n : one.amount)) },
    ],
  )
}

async function insertCausesAndPositions(write: Write, postings: readonly Posting[], postedAt: Date): Promise<void> {
  await write(
    'bare_causes',
    `insert into bare_causes (posted_at, cause_id, fingerprint, outcome, transfer_ids, kind, subject_id, user_id, amount, currency)
     select ?::timestamptz, cause_id, fingerprint, 'posted', array[transfer_id], kind, subject_id, user_id, amount, currency
     from unnest(?::uuid[], ?::bytea[], ?::uuid[], ?::text[], ?::uuid[], ?::uuid[], ?::bigint[], ?::text[])
       as t (cause_id, fingerprint, transfer_id, kind, subject_id, user_id, amount, currency)`,
    [
      { one: postedAt },
      { uuid: postings.map((one) => one.causeId) },
      { hex: postings.map((one) => one.causeId.replaceAll('-', '').repeat(2)) },
      { uuid: postings.map((one) => one.transferId) },
      { text: postings.map(() => 'earn') },
      { uuid: postings.map((one) => one.rewardId) },
      { uuid: postings.map((one) => one.userId) },
      { bigint: postings.map((one) => one.amount) },
      { text: postings.map(() => 'USD') },
    ],
  )
  await write(
    'bare_positions',
    `insert into bare_positions (reward_id, user_id, currency, granted, pending)
     select reward_id, user_id, 'USD', amount, amount from unnest(?::uuid[], ?::uuid[], ?::bigint[]) as t (reward_id, user_id, amount)`,
    [
      { uuid: postings.map((one) => one.rewardId) },
      { uuid: postings.map((one) => one.userId) },
      { bigint: postings.map((one) => one.amount) },
    ],
  )
}

function insertInbox(write: Write, postings: readonly Posting[]): Promise<unknown> {
  return write('bare_inbox', 'insert into bare_inbox (message_id) select unnest(?::uuid[])', [
    { uuid: postings.map((one) => one.causeId) },
  ])
}

function insertOutbox(write: Write, postings: readonly Posting[]): Promise<unknown> {
  const payload = (one: Posting) =>
    JSON.stringify({
      transferId: one.transferId,
      causeId: one.causeId,
      kind: 'earn',
      userId: one.userId,
      rewardId: one.rewardId,
      amount: Number(one.amount),
      currency: 'USD',
      postedAt: '2026-01-01T00:00:00.000000Z',
    })
  return write(
    'bare_outbox',
    `insert into bare_outbox (message_id, subject, type, time, correlation_id, causation_id, payload)
     select * from unnest(?::uuid[], ?::uuid[], ?::text[], ?::timestamptz[], ?::uuid[], ?::uuid[], ?::text[])`,
    [
      { uuid: postings.map((one) => one.transferId) },
      { uuid: postings.map((one) => one.transferId) },
      { text: postings.map(() => 'transfer.posted.earn') },
      { time: postings.map((one) => new Date(one.time)) },
      { uuid: postings.map((one) => one.causeId) },
      { uuid: postings.map((one) => one.causeId) },
      { text: postings.map(payload) },
    ],
  )
}
