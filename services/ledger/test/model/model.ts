import type { CashoutRequest, HoldRequest, Request, RewardRequest } from '../../src/domain/request.ts'
import type { Status } from '../../src/domain/status.ts'
import { type Books, newBooks, place } from './model-books.ts'
import { movesOf } from './model-moves.ts'

/** What the ledger must answer and write for one request. */
export type Predicted = Readonly<{ status: Status; moves: readonly Moved[] }>

/** A transfer as the model knows it; `from` is debited. */
export type Moved = Readonly<{
  kind: string
  from: string
  to: string
  amount: bigint
  currency: string
  causeId: string
  rewardId: string | null
  cashoutId: string | null
}>

export type Model = Readonly<{
  books: Books
  answer(request: Request): Predicted
}>

/**
 * The ledger as a person would keep it by hand: maps and sums, one request after the other. It is the judge in the tests
 * beside it, so it is written from what design and statuses promise and shares no code with the service.
 */
export function newModel(): Model {
  const books = newBooks()
  return { books, answer: (request) => answer(books, plain(request)) }
}

function answer(books: Books, request: Request): Predicted {
  const said = JSON.stringify(contentOf(request))
  const first = books.answered.get(request.causeId)
  if (first === said) return { status: 'already_answered', moves: [] }
  if (first !== undefined) {
    const conflict = `${request.causeId} ${said}`
    if (books.conflicts.has(conflict)) return { status: 'already_answered', moves: [] }
    books.conflicts.add(conflict)
    return { status: 'conflict', moves: [] }
  }
  const status = judge(books, request)
  if (status.endsWith('_yet')) return { status, moves: [] }
  books.answered.set(request.causeId, said)
  if (request.kind === 'reserve' && status !== 'posted') books.refusedCashouts.add(request.cashoutId)
  rememberHold(books, request, status)
  return { status, moves: status === 'posted' ? movesOf(books, request) : [] }
}

function judge(books: Books, request: Request): Status {
  switch (request.kind) {
    case 'earn':
      if (books.rewards.has(request.rewardId)) return 'reward_already_granted'
      return exceeds(books, request) ? 'total_out_of_range' : 'posted'
    case 'release':
    case 'reverse':
    case 'hold':
    case 'resume':
      return judgeReward(books, request)
    case 'reserve':
    case 'settle':
    case 'return':
    case 'bounce':
      return judgeCashout(books, request)
    case 'adjust':
      if (request.direction === 'credit') return exceeds(books, request) ? 'total_out_of_range' : 'posted'
      return covers(books, request) ? 'posted' : 'insufficient_available'
    case 'clear':
    case 'fee':
      return 'posted'
  }
}

function judgeReward(books: Books, request: RewardRequest | HoldRequest): Status {
  const reward = books.rewards.get(request.rewardId)
  if (reward === undefined) return 'reward_not_granted_yet'
  if (reward.userId !== request.userId) return 'reward_of_another_user'
  if (reward.currency !== request.currency) return 'reward_in_another_currency'
  switch (request.kind) {
    case 'earn':
      throw new Error('an earning has no reward yet')
    case 'release':
      return reward.waiting + reward.heldWaiting > 0n ? 'posted' : 'nothing_pending'
    case 'reverse':
      return reward.reversed < reward.granted ? 'posted' : 'nothing_left_to_reverse'
    case 'hold':
      if (request.sequence <= reward.sequence) return 'hold_superseded'
      if (reward.waiting > 0n) return 'posted'
      return reward.handedOver > 0n && available(books, request) > 0n ? 'posted' : 'nothing_to_hold'
    case 'resume':
      if (request.sequence <= reward.sequence) return 'hold_superseded'
      return reward.heldWaiting + reward.heldHandedOver > 0n ? 'posted' : 'nothing_held'
  }
}

type Stand = 'in_payout' | 'paid' | 'returned' | 'bounced'

/** Where a cashout's money is, and what each step answers then. */
const stepFrom: Readonly<Record<'settle' | 'return' | 'bounce', Readonly<Record<Stand, Status>>>> = {
  settle: {
    in_payout: 'posted',
    paid: 'nothing_in_payout',
    bounced: 'nothing_in_payout',
    returned: 'cashout_was_returned',
  },
  return: {
    in_payout: 'posted',
    returned: 'nothing_in_payout',
    paid: 'cashout_was_paid',
    bounced: 'cashout_was_paid',
  },
  bounce: {
    paid: 'posted',
    in_payout: 'cashout_not_paid_yet',
    bounced: 'nothing_paid',
    returned: 'cashout_was_returned',
  },
}

function judgeCashout(books: Books, request: CashoutRequest): Status {
  const cashout = books.cashouts.get(request.cashoutId)
  const wasRefused = books.refusedCashouts.has(request.cashoutId)
  if (request.kind === 'reserve') {
    if (cashout !== undefined) return 'cashout_already_reserved'
    if (wasRefused) return 'cashout_was_refused'
    return covers(books, request) ? 'posted' : 'insufficient_available'
  }
  if (cashout === undefined) {
    if (!wasRefused) return 'cashout_not_reserved_yet'
    return request.kind === 'return' ? 'nothing_reserved' : 'cashout_was_refused'
  }
  if (cashout.userId !== request.userId) return 'cashout_of_another_user'
  if (cashout.currency !== request.currency) return 'cashout_in_another_currency'
  if (cashout.paidBy !== null && cashout.paidBy !== request.provider) return 'cashout_of_another_provider'
  if (cashout.amount !== request.amount) return 'cashout_of_another_amount'
  return stepFrom[request.kind][cashout.stands]
}

/** The latest word on a hold counts, also where there was no money to move. */
function rememberHold(books: Books, request: Request, status: Status): void {
  if (request.kind !== 'hold' && request.kind !== 'resume') return
  if (status !== 'posted' && status !== 'nothing_to_hold' && status !== 'nothing_held') return
  const reward = books.rewards.get(request.rewardId)!
  reward.sequence = request.sequence
  reward.isHeld = request.kind === 'hold'
}

type OfUser = Readonly<{ userId: string; currency: string; amount: bigint }>

const available = (books: Books, { userId, currency }: OfUser) =>
  books.balances.get(place(userId, currency, 'user:available')) ?? 0n

const covers = (books: Books, request: OfUser) => available(books, request) >= request.amount

/** Nobody is ever given more in one currency than 2^53 - 1. */
const exceeds = (books: Books, { userId, currency, amount }: OfUser) =>
  (books.given.get(place(userId, currency, 'given')) ?? 0n) + amount > 9_007_199_254_740_991n

/** What makes two requests under one cause the same. */
function contentOf(request: Request) {
  return Object.entries({ ...request, causeId: '', amount: String(request.amount) }).sort(([one], [other]) =>
    one < other ? -1 : 1,
  )
}

/** An id means the same in capitals. */
function plain<R extends Request>(request: R): R {
  const entries = Object.entries(request).map(([name, value]) => [
    name,
    name.endsWith('Id') && typeof value === 'string' ? value.toLowerCase() : value,
  ])
  return Object.fromEntries(entries) as R
}
