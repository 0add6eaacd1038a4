import type { Account, Accounts } from './accounts.ts'
import { accountBytes, archiveBytes, bodyHash, causeBytes, chainHash, noHash, transferBytes } from './bytes.ts'
import { checkCauses } from './causes.ts'
import { accountRules, isPermitted } from './chart.ts'
import type { Findings } from './findings.ts'
import type { AccountRow, ArchiveRow, BatchRow, BookRow, CauseRow, ConflictRow, EntryRow, TransferRow } from './rows.ts'

/** What is checked of the rows of each batch. */
export const bookChecks = [
  'every_row_belongs_to_a_batch',
  'batches_form_an_unbroken_chain',
  'accounts_are_numbered_without_gaps',
  'transfers_are_numbered_without_gaps',
  'transfers_are_permitted_movements',
  'transfers_have_their_two_entries',
  'entries_follow_one_another',
  'guarded_accounts_never_go_below_zero',
  'causes_match_their_transfers',
  'causes_match_their_fingerprints',
] as const
export type BookCheck = (typeof bookChecks)[number]

/** All rows of one batch, in the order in which they are hashed. */
export type Batch = Readonly<{
  row: BatchRow
  accounts: AccountRow[]
  causes: (CauseRow | ConflictRow)[]
  transfers: TransferRow[]
  entries: EntryRow[]
  archives: ArchiveRow[]
}>

export function newBatch(row: BatchRow): Batch {
  return { row, accounts: [], causes: [], transfers: [], entries: [], archives: [] }
}

/** Adds a row to its batch; false where it was posted at another instant, which makes it nobody's. */
export function addToBatch(batch: Batch, row: Exclude<BookRow, BatchRow>): boolean {
  if ((row.type === 'account' ? row.openedAt : row.postedAt) !== batch.row.postedAt) return false
  if (row.type === 'account') batch.accounts.push(row)
  else if (row.type === 'transfer') batch.transfers.push(row)
  else if (row.type === 'entry') batch.entries.push(row)
  else if (row.type === 'archive') batch.archives.push(row)
  else batch.causes.push(row)
  return true
}

/** What the hash of a batch must be, from its rows and the hash before. */
export function hashesOf(
  { row, accounts, causes, transfers, archives }: Batch,
  previous: string,
): { body: string; hash: string } {
  const body = bodyHash({
    accounts: accounts.map(accountBytes),
    causes: causes.map(causeBytes),
    transfers: transfers.map(transferBytes),
    archives: archives.map(archiveBytes),
  })
  return { body, hash: chainHash(previous, { ...row, body }) }
}

/** What is wrong with a batch as the next one of the chain; empty where nothing is. */
export function faultsOfBatch(batch: Batch, before: BatchRow | null): readonly string[] {
  const { row } = batch
  const { body, hash } = hashesOf(batch, before?.hash ?? noHash)
  const last = {
    transfer: BigInt(before?.lastTransfer ?? 0) + BigInt(batch.transfers.length),
    account: BigInt(before?.lastAccount ?? 0) + BigInt(batch.accounts.length),
  }
  const next = BigInt(before?.number ?? 0) + 1n
  const faults = [
    BigInt(row.number) === next ? null : `is not batch ${next}, which must come here`,
    row.postedAt > (before?.postedAt ?? '') ? null : 'was not posted after the batch before it',
    row.body === body ? null : 'has a body that is not the hash of its rows',
    row.body !== body || row.hash === hash ? null : 'does not follow from the batch before it',
    Number(row.transfers) === batch.transfers.length ? null : `says it has ${row.transfers} transfers`,
    BigInt(row.lastTransfer) === last.transfer
      ? null
      : `says it ends at transfer ${row.lastTransfer}, not ${last.transfer}`,
    BigInt(row.lastAccount) === last.account ? null : `says it ends at account ${row.lastAccount}, not ${last.account}`,
  ]
  return faults.filter((fault) => fault !== null)
}

/** Checks the rows of a batch against each other and against the accounts as they stood before it, and carries it out. Answers the last number. */
export function checkRows(batch: Batch, lastNumber: bigint, accounts: Accounts, found: Findings<BookCheck>): bigint {
  for (const row of batch.accounts) openAccount(row, accounts, found)
  const legs = new Map<string, Partial<Record<'D' | 'C', EntryRow>> & { count: number }>()
  for (const entry of batch.entries) {
    carryOut(entry, accounts, found)
    const pair = legs.get(entry.transferId) ?? { count: 0 }
    legs.set(entry.transferId, { ...pair, count: pair.count + 1, [entry.side]: entry })
  }
  let number = lastNumber
  for (const transfer of batch.transfers) {
    found.looked('transfers_are_numbered_without_gaps')
    number++
    if (BigInt(transfer.number) !== number) {
      found.broke('transfers_are_numbered_without_gaps', `transfer ${transfer.number} where ${number} must come`)
      number = BigInt(transfer.number)
    }
    checkMovement(transfer, accounts, found)
    found.looked('transfers_have_their_two_entries')
    const { D: debit, C: credit, count = 0 } = legs.get(transfer.id) ?? {}
    const paired =
      count === 2 && isSide(debit, transfer, transfer.debitAccount) && isSide(credit, transfer, transfer.creditAccount)
    if (!paired) found.broke('transfers_have_their_two_entries', `transfer ${transfer.number} ${transfer.id}`)
    legs.delete(transfer.id)
  }
  for (const id of legs.keys())
    found.broke('transfers_have_their_two_entries', `entries of a transfer that is not there: ${id}`)
  checkCauses(batch.causes, batch.transfers, found)
  return number
}

/** Takes the next account; ids count up without gaps. */
export function openAccount(row: AccountRow, accounts: Accounts, found: Findings<BookCheck>): void {
  found.looked('accounts_are_numbered_without_gaps')
  if (BigInt(row.id) !== BigInt(accounts.count()) + 1n) {
    found.broke('accounts_are_numbered_without_gaps', `account ${row.id} where ${accounts.count() + 1} must come`)
    if (BigInt(row.id) <= BigInt(accounts.count())) return
  }
  const rule = Object.hasOwn(accountRules, row.kind) ? accountRules[row.kind]! : null
  const owner = row.userId !== null ? 'user' : row.provider !== null ? 'provider' : 'program'
  const isOne = rule !== null && rule.owner === owner && (row.userId === null || row.provider === null)
  if (!isOne)
    found.broke('transfers_are_permitted_movements', `account ${row.id} is no account of its kind (${row.kind})`)
  // A hole stays one: what is posted to its ids is found below.
  accounts.add(row)
}

function checkMovement(transfer: TransferRow, accounts: Accounts, found: Findings<BookCheck>): void {
  found.looked('transfers_are_permitted_movements')
  const [debit, credit] = [accounts.find(transfer.debitAccount), accounts.find(transfer.creditAccount)]
  const fault = faultOfMovement(transfer, debit, credit)
  if (fault !== null)
    found.broke('transfers_are_permitted_movements', `transfer ${transfer.number} ${transfer.id} ${fault}`)
}

function faultOfMovement(
  { kind, currency, amount }: TransferRow,
  debit: Account | null,
  credit: Account | null,
): string | null {
  if (debit === null || credit === null) return 'names an account that is not there'
  if (!isPermitted(kind, debit.kind, credit.kind)) return `moves ${kind} from ${debit.kind} to ${credit.kind}`
  if (debit.currency !== currency || credit.currency !== currency) return 'mixes currencies'
  if (debit.rule?.owner === 'user' && credit.rule?.owner === 'user' && debit.user !== credit.user)
    return 'moves money between users'
  return BigInt(amount) > 0n ? null : 'moves nothing'
}

function isSide(entry: EntryRow | undefined, transfer: TransferRow, account: string): boolean {
  return (
    entry !== undefined &&
    entry.accountId === account &&
    entry.amount === transfer.amount &&
    entry.effectiveAt === transfer.effectiveAt
  )
}

function carryOut(entry: EntryRow, accounts: Accounts, found: Findings<BookCheck>): void {
  const account = accounts.find(entry.accountId)
  found.looked('entries_follow_one_another')
  found.looked('guarded_accounts_never_go_below_zero')
  const name = `account ${entry.accountId} version ${entry.version}`
  if (account === null) {
    found.broke('entries_follow_one_another', `${name}: there is no such account`)
    return
  }
  const version = BigInt(entry.version)
  const amount = entry.side === 'C' ? BigInt(entry.amount) : -BigInt(entry.amount)
  const balance = BigInt(entry.balanceAfter)
  if (version !== account.version + 1n) {
    found.broke('entries_follow_one_another', `${name}: version ${account.version + 1n} must come here`)
  } else if (balance !== account.balance + (account.rule?.sign ?? 1n) * amount) {
    found.broke('entries_follow_one_another', `${name}: ${balance} is not the balance after it`)
  }
  if (account.rule?.guarded === true && balance < 0n) {
    found.broke('guarded_accounts_never_go_below_zero', `${name}: ${balance}`)
  }
  accounts.moved(account.id, version, balance)
}
