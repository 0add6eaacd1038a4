import { query, type Transaction } from '@tributary/database'
import { type AccountState, accountKey, type Books } from '../domain/books.ts'
import type { AccountKind } from '../domain/chart.ts'
import type { RewardRequest } from '../domain/posting.ts'

/** What a request may touch is known from what it names. */
type Named = Pick<RewardRequest, 'causeId' | 'rewardId' | 'userId' | 'currency'>

/**
 * Takes the ledger's lock, held to the end of the transaction, and reads all that these requests may touch. The lock
 * comes first and alone: what is read after it is what the transaction before us committed.
 */
export async function lockAndLoadBooks(tx: Transaction, requests: readonly Named[]): Promise<Books> {
  await query(tx, 'select lock_ledger()')
  // One after the other: they share a connection.
  const causes = await findCauses(tx, requests)
  const positions = await findPositions(tx, requests)
  const accounts = await findAccounts(tx, requests)
  const [head] = await query<{ last_account: bigint }>(tx, 'select last_account from ledger_head')
  return {
    causes: new Map(causes.filter((row) => !row.conflict).map((row) => [row.cause_id, row.fingerprint])),
    conflicts: new Set(causes.filter((row) => row.conflict).map((row) => `${row.cause_id}:${row.fingerprint}`)),
    positions: new Map(positions.map(({ reward_id, user_id: userId, ...row }) => [reward_id, { userId, ...row }])),
    accounts: new Map(accounts.map((account) => [accountKey(account.userId, account.currency, account.kind), account])),
    lastAccount: { id: head!.last_account },
  }
}

type CauseRow = Readonly<{ cause_id: string; fingerprint: string; conflict: boolean }>

function findCauses(tx: Transaction, requests: readonly Named[]): Promise<CauseRow[]> {
  const ids = requests.map((request) => request.causeId)
  return query<CauseRow>(
    tx,
    `select cause_id, encode(fingerprint, 'hex') as fingerprint, false as conflict from causes where cause_id = any(?::uuid[])
     union all
     select cause_id, encode(fingerprint, 'hex'), true from cause_conflicts where cause_id = any(?::uuid[])`,
    [ids, ids],
  )
}

type PositionRow = Readonly<{
  reward_id: string
  user_id: string
  currency: string
  granted: bigint
  pending: bigint
  released: bigint
  reversed: bigint
}>

function findPositions(tx: Transaction, requests: readonly Named[]): Promise<PositionRow[]> {
  return query<PositionRow>(
    tx,
    `select reward_id, user_id, currency, granted, pending, released, reversed
     from reward_positions where reward_id = any(?::uuid[])`,
    [requests.map((request) => request.rewardId)],
  )
}

function findAccounts(tx: Transaction, requests: readonly Named[]): Promise<AccountState[]> {
  const owners = new Map(requests.map(({ userId, currency }) => [`${userId}/${currency}`, { userId, currency }]))
  const distinct = [...owners.values()]
  return query<AccountState & { kind: AccountKind }>(
    tx,
    `select a.id, a.kind, a.user_id as "userId", a.currency, b.debits, b.credits
     from unnest(?::uuid[], ?::text[]) as owner (user_id, currency)
     join accounts a on a.user_id = owner.user_id and a.currency = owner.currency
     join balances b on b.account_id = a.id`,
    [distinct.map(({ userId }) => userId), distinct.map(({ currency }) => currency)],
  )
}
