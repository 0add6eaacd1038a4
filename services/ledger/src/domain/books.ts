import type { AccountKind, Movement } from './chart.ts'
import { type Answer, answerRequest, type Position, type RewardRequest, type Standing } from './posting.ts'
import { type Status, statuses } from './status.ts'

export type Account = Readonly<{ id: bigint; kind: AccountKind; userId: string; currency: string }>
export type AccountState = Account & Readonly<{ debits: bigint; credits: bigint }>

/**
 * The part of the ledger that a batch may touch, as it is now. A working copy that belongs to one batch: `post` changes it
 * in place, since copying it for each of 200 requests would cost more than deciding them.
 */
export type Books = Readonly<{
  /** The fingerprint that each answered cause was answered for. */
  causes: Map<string, string>
  /** `causeId:fingerprint` of conflicts that have been told. */
  conflicts: Set<string>
  positions: Map<string, Position>
  /** By `accountKey`. */
  accounts: Map<string, AccountState>
  /** Accounts are numbered without gaps. */
  lastAccount: { id: bigint }
}>

export type PostedMovement = Movement & Readonly<{ debitAccount: bigint; creditAccount: bigint }>

/** What has to be written for one request. Nothing at all, when it was answered before or came too early. */
export type Posting = Readonly<{ status: Status; opened: readonly Account[]; movements: readonly PostedMovement[] }>

/** Answers a request from the books and, where the answer is kept, brings the books up to date for the next one. */
export function post(books: Books, request: RewardRequest): Posting {
  const answer = answerRequest(standingOf(books, request), request)
  return apply(books, request, answer)
}

export function accountKey(userId: string, currency: string, kind: AccountKind): string {
  return `${userId}/${currency}/${kind}`
}

function standingOf(books: Books, { causeId, fingerprint, rewardId, userId, currency }: RewardRequest): Standing {
  const account = (kind: AccountKind) => books.accounts.get(accountKey(userId, currency, kind))
  const [expense, available, owed] = [account('program:expense'), account('user:available'), account('user:owed')]
  const known = books.causes.get(causeId)
  return {
    answered:
      known === undefined
        ? 'never'
        : known === fingerprint
          ? 'same_content'
          : books.conflicts.has(conflictKey(causeId, fingerprint))
            ? 'other_content_told'
            : 'other_content',
    position: books.positions.get(rewardId) ?? null,
    granted: expense?.debits ?? 0n,
    available: available ? available.credits - available.debits : 0n,
    owed: owed ? owed.debits - owed.credits : 0n,
  }
}

function apply(books: Books, request: RewardRequest, { status, movements }: Answer): Posting {
  const { causeId, fingerprint } = request
  const outcome = statuses[status]
  if (outcome === 'answered' || outcome === 'not_yet') return { status, opened: [], movements: [] }
  if (status === 'conflict') books.conflicts.add(conflictKey(causeId, fingerprint))
  else books.causes.set(causeId, fingerprint)
  const opened: Account[] = []
  const posted = movements.map((movement) => {
    const debit = move(books, request, movement.debit, { debit: movement.amount, credit: 0n }, opened)
    const credit = move(books, request, movement.credit, { debit: 0n, credit: movement.amount }, opened)
    movePosition(books, request, movement)
    return { ...movement, debitAccount: debit, creditAccount: credit }
  })
  return { status, opened, movements: posted }
}

function move(
  { accounts, lastAccount }: Books,
  { userId, currency }: RewardRequest,
  kind: AccountKind,
  by: { debit: bigint; credit: bigint },
  opened: Account[],
): bigint {
  const key = accountKey(userId, currency, kind)
  let account = accounts.get(key)
  if (account === undefined) {
    lastAccount.id += 1n
    const fresh: Account = { id: lastAccount.id, kind, userId, currency }
    opened.push(fresh)
    account = { ...fresh, debits: 0n, credits: 0n }
  }
  accounts.set(key, { ...account, debits: account.debits + by.debit, credits: account.credits + by.credit })
  return account.id
}

function movePosition({ positions }: Books, request: RewardRequest, { kind, debit, amount }: Movement): void {
  const { rewardId, userId, currency } = request
  if (kind === 'earn') {
    positions.set(rewardId, { userId, currency, granted: amount, pending: amount, released: 0n, reversed: 0n })
    return
  }
  if (kind === 'net') return
  const position = positions.get(rewardId)!
  const source = debit === 'user:pending' ? 'pending' : 'released'
  const target = kind === 'release' ? 'released' : 'reversed'
  const left = { ...position, [source]: position[source] - amount }
  positions.set(rewardId, { ...left, [target]: left[target] + amount })
}

const conflictKey = (causeId: string, fingerprint: string) => `${causeId}:${fingerprint}`
