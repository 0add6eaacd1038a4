import { preparedQuery, type Transaction, texts, uuids } from '@tributary/database'
import { type AccountState, accountKey, type Books } from '../domain/books.ts'
import type { CashoutPosition } from '../domain/cashout.ts'
import type { AccountKind } from '../domain/chart.ts'
import type { Request } from '../domain/request.ts'
import type { RewardPosition } from '../domain/reward.ts'

type Owner = Readonly<{ userId: string; currency: string }>

/**
 * Takes the ledger's lock, held to the end of the transaction, and reads all that these requests may touch: it is known from
 * what they name. The program's own accounts and the providers' are few, and only read where a request may touch them.
 */
export async function lockAndLoadBooks(tx: Transaction, requests: readonly Request[]): Promise<Books> {
  const owners = ownersOf(requests)
  const programCurrencies = new Set(requests.flatMap((one) => ('provider' in one ? [one.currency] : [])))
  const [row] = await preparedQuery<BooksRow>(
    tx,
    'load_books',
    `select last_account, causes, rewards, cashouts, refused_cashouts, program_accounts, account_owners, account_kinds,
       account_ids, account_debits, account_credits
     from load_books(?::uuid[], ?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[])`,
    [
      uuids(requests.map(({ causeId }) => causeId)),
      uuids(named(requests, 'rewardId')),
      uuids(named(requests, 'cashoutId')),
      uuids(owners.map(({ userId }) => userId)),
      texts(owners.map(({ currency }) => currency)),
      texts([...programCurrencies]),
    ],
  )
  return toBooks(row!, owners)
}

/** Whose accounts are asked for, each once. */
function ownersOf(requests: readonly Request[]): Owner[] {
  const owners = new Map<string, Owner>()
  for (const one of requests) {
    if ('userId' in one) owners.set(`${one.userId}/${one.currency}`, { userId: one.userId, currency: one.currency })
  }
  return [...owners.values()]
}

/** The ids that requests give under a name, each once. */
function named(requests: readonly Request[], name: 'rewardId' | 'cashoutId'): string[] {
  const ids = requests.map((request) => (request as { rewardId?: string; cashoutId?: string | null })[name] ?? null)
  return [...new Set(ids.filter((id) => id !== null))]
}

/** Null where nothing was found. Amounts in JSON are text, which keeps them whole. */
type BooksRow = Readonly<{
  last_account: bigint
  causes: readonly (readonly [causeId: string, fingerprint: string, conflict: boolean])[] | null
  rewards: readonly RewardRow[] | null
  cashouts: readonly CashoutRow[] | null
  refused_cashouts: readonly string[] | null
  program_accounts: readonly ProgramAccountRow[] | null
  account_owners: readonly number[] | null
  account_kinds: readonly AccountKind[] | null
  account_ids: readonly bigint[] | null
  account_debits: readonly bigint[] | null
  account_credits: readonly bigint[] | null
}>
type RewardAmounts = [
  granted: string,
  pending: string,
  heldPending: string,
  released: string,
  heldReleased: string,
  reversed: string,
]
type RewardRow = readonly [
  id: string,
  userId: string,
  currency: string,
  ...RewardAmounts,
  holdSequence: number,
  isHeld: boolean,
]
type CashoutAmounts = [reserved: string, inPayout: string, paid: string, returned: string, bounced: string]
type CashoutRow = readonly [id: string, userId: string, provider: string | null, currency: string, ...CashoutAmounts]
type ProgramAccountRow = readonly [
  id: string,
  kind: AccountKind,
  provider: string | null,
  currency: string,
  debits: string,
  credits: string,
]

function toBooks(row: BooksRow, owners: readonly Owner[]): Books {
  const causes = row.causes ?? []
  return {
    causes: new Map(causes.flatMap(([id, fingerprint, conflict]) => (conflict ? [] : [[id, fingerprint]]))),
    conflicts: new Set(causes.flatMap(([id, fingerprint, conflict]) => (conflict ? [`${id}:${fingerprint}`] : []))),
    rewards: new Map((row.rewards ?? []).map(toReward)),
    cashouts: new Map((row.cashouts ?? []).map(toCashout)),
    refusedCashouts: new Set(row.refused_cashouts ?? []),
    accounts: new Map(toAccounts(row, owners).map((account) => [keyOf(account), account])),
    lastAccount: { id: row.last_account },
  }
}

function toReward(row: RewardRow): [string, RewardPosition] {
  const [id, userId, currency, granted, pending, heldPending, released, heldReleased, reversed, holdSequence, isHeld] =
    row
  const amounts = {
    granted: BigInt(granted),
    pending: BigInt(pending),
    heldPending: BigInt(heldPending),
    released: BigInt(released),
    heldReleased: BigInt(heldReleased),
    reversed: BigInt(reversed),
  }
  return [id, { userId, currency, ...amounts, holdSequence, isHeld }]
}

function toCashout(row: CashoutRow): [string, CashoutPosition] {
  const [id, userId, provider, currency, reserved, inPayout, paid, returned, bounced] = row
  const amounts = {
    reserved: BigInt(reserved),
    inPayout: BigInt(inPayout),
    paid: BigInt(paid),
    returned: BigInt(returned),
    bounced: BigInt(bounced),
  }
  return [id, { userId, provider, currency, ...amounts }]
}

function toAccounts(row: BooksRow, owners: readonly Owner[]): AccountState[] {
  const ofUsers = (row.account_owners ?? []).map((owner, index) => ({
    ...owners[owner - 1]!,
    provider: null,
    id: row.account_ids![index]!,
    kind: row.account_kinds![index]!,
    debits: row.account_debits![index]!,
    credits: row.account_credits![index]!,
  }))
  return [...ofUsers, ...(row.program_accounts ?? []).map(toProgramAccount)]
}

function toProgramAccount([id, kind, provider, currency, debits, credits]: ProgramAccountRow): AccountState {
  return { id: BigInt(id), kind, userId: null, provider, currency, debits: BigInt(debits), credits: BigInt(credits) }
}

const keyOf = ({ userId, provider, currency, kind }: AccountState) => accountKey(userId ?? provider, currency, kind)
