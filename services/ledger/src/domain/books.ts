import type { CashoutPosition } from './cashout.ts'
import { type AccountKind, type Movement, ownerOf } from './chart.ts'
import { movePositions } from './positions.ts'
import { type Answer, answerRequest, type HoldChange, type Standing } from './posting.ts'
import type { Request } from './request.ts'
import type { RewardPosition } from './reward.ts'
import { type Status, statuses } from './status.ts'

/** An account's owner: a user, a provider, or neither for the program's own. */
export type Account = Readonly<{
  id: bigint
  kind: AccountKind
  userId: string | null
  provider: string | null
  currency: string
}>
export type AccountState = Account & Readonly<{ debits: bigint; credits: bigint }>

/** A request with the hash of what it says. */
export type FingerprintedRequest = Request & Readonly<{ fingerprint: string }>

/**
 * The part of the ledger that a batch may touch, as it is now. A working copy that belongs to one batch: `post` changes it
 * in place, since copying it for each of 200 requests would cost more than deciding them.
 */
export type Books = Readonly<{
  /** The fingerprint that each answered cause was answered for. */
  causes: Map<string, string>
  /** `causeId:fingerprint` of conflicts that have been told. */
  conflicts: Set<string>
  rewards: Map<string, RewardPosition>
  cashouts: Map<string, CashoutPosition>
  /** Cashouts whose reservation was refused. */
  refusedCashouts: Set<string>
  /** By `accountKey`. */
  accounts: Map<string, AccountState>
  /** Accounts are numbered without gaps. */
  lastAccount: { id: bigint }
}>

export type PostedMovement = Movement & Readonly<{ debitAccount: bigint; creditAccount: bigint }>

/** What has to be written for one request. Nothing at all, when it was answered before or came too early. */
export type Posting = Readonly<{
  status: Status
  opened: readonly Account[]
  movements: readonly PostedMovement[]
  hold: HoldChange | null
}>

/** Answers a request from the books and, where the answer is kept, brings the books up to date for the next one. */
export function post(books: Books, request: FingerprintedRequest): Posting {
  return apply(books, request, answerRequest(standingOf(books, request), request))
}

/** `owner` is a user's id, a provider's name, or empty for the program; a kind says which, so they cannot collide. */
export function accountKey(owner: string | null, currency: string, kind: AccountKind): string {
  return `${owner ?? ''}/${currency}/${kind}`
}

function standingOf(books: Books, request: FingerprintedRequest): Standing {
  const account = (kind: AccountKind) => books.accounts.get(keyOf(request, kind))
  const [expense, adjustments] = [account('program:expense'), account('program:adjustments')]
  const [available, owed] = [account('user:available'), account('user:owed')]
  const cashoutId = 'cashoutId' in request ? (request.cashoutId ?? '') : ''
  return {
    answered: answeredBefore(books, request),
    reward: ('rewardId' in request && books.rewards.get(request.rewardId)) || null,
    cashout: books.cashouts.get(cashoutId) ?? null,
    cashoutRefused: books.refusedCashouts.has(cashoutId),
    given: (expense?.debits ?? 0n) + (adjustments?.debits ?? 0n),
    available: available ? available.credits - available.debits : 0n,
    owed: owed ? owed.debits - owed.credits : 0n,
  }
}

function answeredBefore(books: Books, { causeId, fingerprint }: FingerprintedRequest): Standing['answered'] {
  const known = books.causes.get(causeId)
  if (known === undefined) return 'never'
  if (known === fingerprint) return 'same_content'
  return books.conflicts.has(conflictKey(causeId, fingerprint)) ? 'other_content_told' : 'other_content'
}

function apply(books: Books, request: FingerprintedRequest, { status, movements, hold }: Answer): Posting {
  const { causeId, fingerprint } = request
  const outcome = statuses[status]
  if (outcome === 'answered' || outcome === 'not_yet') return { status, opened: [], movements: [], hold: null }
  if (status === 'conflict') books.conflicts.add(conflictKey(causeId, fingerprint))
  else books.causes.set(causeId, fingerprint)
  if (request.kind === 'reserve' && outcome === 'refused' && status !== 'conflict') {
    if (!books.cashouts.has(request.cashoutId)) books.refusedCashouts.add(request.cashoutId)
  }
  const opened: Account[] = []
  const posted = movements.map((movement) => ({
    ...movement,
    debitAccount: move(books, request, movement.debit, { debit: movement.amount, credit: 0n }, opened),
    creditAccount: move(books, request, movement.credit, { debit: 0n, credit: movement.amount }, opened),
  }))
  movePositions(books, request, movements, hold)
  return { status, opened, movements: posted, hold }
}

function move(
  { accounts, lastAccount }: Books,
  request: Request,
  kind: AccountKind,
  by: { debit: bigint; credit: bigint },
  opened: Account[],
): bigint {
  const key = keyOf(request, kind)
  let account = accounts.get(key)
  if (account === undefined) {
    lastAccount.id += 1n
    const { userId, provider } = ownerOfKind(request, kind)
    const fresh: Account = { id: lastAccount.id, kind, userId, provider, currency: request.currency }
    opened.push(fresh)
    account = { ...fresh, debits: 0n, credits: 0n }
  }
  accounts.set(key, { ...account, debits: account.debits + by.debit, credits: account.credits + by.credit })
  return account.id
}

function keyOf(request: Request, kind: AccountKind): string {
  const { userId, provider } = ownerOfKind(request, kind)
  return accountKey(userId ?? provider, request.currency, kind)
}

function ownerOfKind(request: Request, kind: AccountKind): Pick<Account, 'userId' | 'provider'> {
  const owner = ownerOf[kind]
  return {
    userId: owner === 'user' && 'userId' in request ? request.userId : null,
    provider: owner === 'provider' && 'provider' in request ? request.provider : null,
  }
}

const conflictKey = (causeId: string, fingerprint: string) => `${causeId}:${fingerprint}`
