import { query, type Transaction } from '@tributary/database'
import { type AccountState, accountKey, type Books } from '../domain/books.ts'
import type { CashoutPosition } from '../domain/cashout.ts'
import type { Request } from '../domain/request.ts'
import type { RewardPosition } from '../domain/reward.ts'

/**
 * Takes the ledger's lock, held to the end of the transaction, and reads all that these requests may touch: it is known from
 * what they name. The lock comes first and alone: what is read after it is what the transaction before us committed.
 */
export async function lockAndLoadBooks(tx: Transaction, requests: readonly Request[]): Promise<Books> {
  await query(tx, 'select lock_ledger()')
  // One after the other: they share a connection.
  const causes = await findCauses(tx, requests)
  const rewards = await findRewards(tx, named(requests, 'rewardId'))
  const cashoutIds = named(requests, 'cashoutId')
  const cashouts = cashoutIds.length === 0 ? [] : await findCashouts(tx, cashoutIds)
  const refused = cashoutIds.length === 0 ? [] : await findRefusedReservations(tx, cashoutIds)
  const accounts = [...(await findUsersAccounts(tx, requests)), ...(await findProgramsAccounts(tx, requests))]
  const [head] = await query<{ last_account: bigint }>(tx, 'select last_account from ledger_head')
  return {
    causes: new Map(causes.filter((row) => !row.conflict).map((row) => [row.cause_id, row.fingerprint])),
    conflicts: new Set(causes.filter((row) => row.conflict).map((row) => `${row.cause_id}:${row.fingerprint}`)),
    rewards: new Map(rewards.map(({ id, ...position }) => [id, position])),
    cashouts: new Map(cashouts.map(({ id, ...position }) => [id, position])),
    refusedCashouts: new Set(refused),
    accounts: new Map(
      accounts.map((account) => [
        accountKey(account.userId ?? account.provider, account.currency, account.kind),
        account,
      ]),
    ),
    lastAccount: { id: head!.last_account },
  }
}

/** The ids that requests give under a name, each once. */
function named(requests: readonly Request[], name: 'rewardId' | 'cashoutId'): string[] {
  const ids = requests.map((request) => (request as { rewardId?: string; cashoutId?: string | null })[name] ?? null)
  return [...new Set(ids.filter((id) => id !== null))]
}

type CauseRow = Readonly<{ cause_id: string; fingerprint: string; conflict: boolean }>

function findCauses(tx: Transaction, requests: readonly Request[]): Promise<CauseRow[]> {
  const ids = requests.map((request) => request.causeId)
  return query<CauseRow>(
    tx,
    `select cause_id, encode(fingerprint, 'hex') as fingerprint, false as conflict from causes where cause_id = any(?::uuid[])
     union all
     select cause_id, encode(fingerprint, 'hex'), true from cause_conflicts where cause_id = any(?::uuid[])`,
    [ids, ids],
  )
}

function findRewards(tx: Transaction, ids: readonly string[]): Promise<(RewardPosition & { id: string })[]> {
  return query(
    tx,
    `select reward_id as id, user_id as "userId", currency, granted, pending, held_pending as "heldPending", released,
       held_released as "heldReleased", reversed, hold_sequence as "holdSequence", is_held as "isHeld"
     from reward_positions where reward_id = any(?::uuid[])`,
    [ids],
  )
}

function findCashouts(tx: Transaction, ids: readonly string[]): Promise<(CashoutPosition & { id: string })[]> {
  return query(
    tx,
    `select cashout_id as id, user_id as "userId", provider, currency, reserved, in_payout as "inPayout", paid, returned, bounced
     from cashout_positions where cashout_id = any(?::uuid[])`,
    [ids],
  )
}

async function findRefusedReservations(tx: Transaction, cashoutIds: readonly string[]): Promise<string[]> {
  const rows = await query<{ id: string }>(
    tx,
    `select subject_id as id from causes where kind = 'reserve' and outcome = 'refused' and subject_id = any(?::uuid[])`,
    [cashoutIds],
  )
  return rows.map(({ id }) => id)
}

const select = 'select a.id, a.kind, a.user_id as "userId", a.provider, a.currency, b.debits, b.credits'

function findUsersAccounts(tx: Transaction, requests: readonly Request[]): Promise<AccountState[]> {
  const owners = new Map(
    requests.flatMap((one) =>
      'userId' in one ? [[`${one.userId}/${one.currency}`, { userId: one.userId, currency: one.currency }]] : [],
    ),
  )
  const distinct = [...owners.values()]
  return query<AccountState>(
    tx,
    `${select} from unnest(?::uuid[], ?::text[]) as owner (user_id, currency)
     join accounts a on a.user_id = owner.user_id and a.currency = owner.currency
     join balances b on b.account_id = a.id`,
    [distinct.map(({ userId }) => userId), distinct.map(({ currency }) => currency)],
  )
}

/** The program's own accounts and the providers': few, and only asked for where a request may touch them. */
async function findProgramsAccounts(tx: Transaction, requests: readonly Request[]): Promise<AccountState[]> {
  const currencies = requests.flatMap((request) => ('provider' in request ? [request.currency] : []))
  if (currencies.length === 0) return []
  return query<AccountState>(
    tx,
    `${select} from accounts a join balances b on b.account_id = a.id
     where a.user_id is null and a.currency = any(?::text[])`,
    [currencies],
  )
}
