import { createHash, type Hash } from 'node:crypto'
import type { Accounts } from './accounts.ts'
import { type BookCheck, openAccount } from './batch.ts'
import { archiveBytes, noHash, openedBytes, openingBytes } from './bytes.ts'
import type { Findings } from './findings.ts'
import { nameOf, preambleKey } from './order.ts'
import type { ArchiveRow, BatchRow, BookRow, CheckpointRow, OpeningRow } from './rows.ts'

/**
 * What comes before the first batch of an export whose first months were archived: each archive with the accounts that were opened
 * and what was touched came to, so that the books start from there.
 */
export type Preamble = {
  /** The last archive so far, and the hashes of what has come of it. */
  current: Readonly<{ row: ArchiveRow; accounts: Hash; openings: Hash }> | null
  /** The bytes of each archive, in hex: the batch that covers it must say the same. */
  readonly archives: Map<string, string>
  /** The archives that stood in a batch. */
  readonly chained: Set<string>
  /** The batch that what is kept follows on; null until the preamble has ended, and without one. */
  start: BatchRow | null
}

export const newPreamble = (): Preamble => ({ current: null, archives: new Map(), chained: new Set(), start: null })

export type PreambleCheck = 'archives_lead_to_what_is_kept'
type Found = Findings<PreambleCheck | BookCheck>

/** What of the state of a verification the preamble sets. */
export type Started = {
  readonly preamble: Preamble
  readonly accounts: Accounts
  readonly found: Found
  readonly sums: Map<string, bigint>
  order: string
}

/** Takes a line before the first batch. `ended`: it belongs to what comes after; then `start` says what that follows on. */
export function takePreamble(
  line: BookRow | OpeningRow | CheckpointRow,
  state: Started,
  broke: (what: string) => void,
): 'taken' | 'ended' {
  const { preamble, accounts, found, sums } = state
  const order = preambleKey(line, preamble.current?.row ?? null)
  if (order === null || (preamble.current === null && line.type !== 'archive')) {
    closeArchive(preamble, accounts, found)
    preamble.start = batchBefore(preamble)
    state.order = ''
    return 'ended'
  }
  if (order <= state.order) broke(`(${nameOf(line)}) is not where it must be`)
  state.order = order
  if (line.type === 'archive') takeArchive(line, preamble, accounts, found)
  if (line.type === 'account') {
    preamble.current?.accounts.update(openedBytes(line))
    openAccount(line, accounts, found)
  }
  if (line.type === 'opening') {
    const currency = accounts.find(line.accountId)?.currency ?? 'an account that is not there'
    sums.set(currency, (sums.get(currency) ?? 0n) + takeOpening(line, preamble, accounts, found))
  }
  return 'taken'
}

/** An archive that the export begins with stands in its batch, too: that is what chains it. */
export function sawArchive(row: ArchiveRow, { archives, chained }: Preamble, found: Found): void {
  found.looked('archives_lead_to_what_is_kept')
  const known = archives.get(row.number)
  if (known === undefined || known === archiveBytes(row).toString('hex')) chained.add(row.number)
  else found.broke('archives_lead_to_what_is_kept', `archive ${row.number} was chained as another`)
}

/** The last archive vouches for those before it. Its own batch is part of what was kept; only a part may end before that. */
export function isUnchained({ current, chained }: Preamble): boolean {
  return current !== null && !chained.has(current.row.number)
}

function takeArchive(row: ArchiveRow, preamble: Preamble, accounts: Accounts, found: Found): void {
  closeArchive(preamble, accounts, found)
  found.looked('archives_lead_to_what_is_kept')
  const before = preamble.current?.row ?? null
  const isNext =
    BigInt(row.number) === BigInt(before?.number ?? 0) + 1n &&
    row.previousSha256 === (before === null ? noHash : sha256(archiveBytes(before))) &&
    row.retainedFrom > (before?.retainedFrom ?? '') &&
    BigInt(row.lastTransfer) === BigInt(before?.lastTransfer ?? 0) + BigInt(row.transfers)
  if (!isNext)
    found.broke('archives_lead_to_what_is_kept', `archive ${row.number} does not follow from the one before it`)
  preamble.current = { row, accounts: createHash('sha256'), openings: createHash('sha256') }
  preamble.archives.set(row.number, archiveBytes(row).toString('hex'))
}

/** Answers by how much the account's balance changes, credits less debits. */
function takeOpening(row: OpeningRow, { current }: Preamble, accounts: Accounts, found: Found): bigint {
  found.looked('archives_lead_to_what_is_kept')
  current?.openings.update(openingBytes(row))
  const account = accounts.find(row.accountId)
  const balance = BigInt(row.balance)
  const sign = account?.rule?.sign ?? 1n
  const isSound =
    account !== null &&
    row.archive === current?.row.number &&
    BigInt(row.version) > account.version &&
    balance === sign * (BigInt(row.credits) - BigInt(row.debits)) &&
    !(account.rule?.guarded === true && balance < 0n)
  if (!isSound) {
    found.broke(
      'archives_lead_to_what_is_kept',
      `the opening balance of account ${row.accountId}, archive ${row.archive}`,
    )
  }
  if (account === null) return 0n
  accounts.moved(account.id, BigInt(row.version), balance)
  return sign * (balance - account.balance)
}

/** Whether what has come of the last archive is what it says. */
function closeArchive({ current }: Preamble, accounts: Accounts, found: Found): void {
  if (current === null) return
  const { row } = current
  // A copy: more may be asked of it.
  if (
    current.accounts.copy().digest('hex') !== row.accountsSha256 ||
    BigInt(row.lastAccount) !== BigInt(accounts.count())
  ) {
    found.broke('archives_lead_to_what_is_kept', `archive ${row.number} knows other accounts`)
  }
  if (current.openings.copy().digest('hex') !== row.openingsSha256) {
    found.broke('archives_lead_to_what_is_kept', `archive ${row.number} knows other opening balances`)
  }
}

/** The batch that what is kept follows on, as far as the last archive says it. */
function batchBefore({ current }: Preamble): BatchRow | null {
  if (current === null) return null
  const { lastBatch, lastInstant, lastHash, lastTransfer, lastAccount } = current.row
  const [number, postedAt, hash] = [lastBatch, lastInstant, lastHash]
  return { type: 'batch', number, postedAt, transfers: '0', lastTransfer, lastAccount, body: noHash, hash }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
