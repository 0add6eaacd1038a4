import type { CashoutRequest, HoldRequest, Request, RewardRequest } from '../../src/domain/request.ts'
import type { Moved } from './model.ts'
import { type Books, type ModelReward, place } from './model-books.ts'

type Move = (kind: string, from: string, to: string, amount: bigint) => void

/** Carries out a request that must succeed; answers its transfers in their order. */
export function movesOf(books: Books, request: Request): Moved[] {
  const moves: Moved[] = []
  const { currency, causeId } = request
  const rewardId = 'rewardId' in request ? request.rewardId : null
  const cashoutId = 'cashoutId' in request ? request.cashoutId : null
  const raise = (kind: string, by: bigint) => {
    const key = place(ownerOf(request, kind), currency, kind)
    books.balances.set(key, (books.balances.get(key) ?? 0n) + by)
  }
  const move: Move = (kind, from, to, amount) => {
    if (amount === 0n) return
    raise(from, -amount)
    raise(to, amount)
    moves.push({ kind, from, to, amount, currency, causeId, rewardId, cashoutId })
  }
  const balance = (kind: string) => books.balances.get(place(ownerOf(request, kind), currency, kind)) ?? 0n
  carryOut(books, request, move, balance)
  return moves
}

function ownerOf(request: Request, kind: string): string {
  if (kind === 'provider:clearing') return (request as { provider: string }).provider
  return kind === 'program:cash' || kind === 'program:fees' ? '' : (request as { userId: string }).userId
}

type Balance = (kind: string) => bigint

function carryOut(books: Books, request: Request, move: Move, balance: Balance): void {
  const { amount } = request
  switch (request.kind) {
    case 'earn':
      give(books, request)
      books.rewards.set(request.rewardId, grantedReward(request))
      move('earn', 'program:expense', 'user:pending', amount)
      break
    case 'release':
    case 'reverse':
    case 'hold':
    case 'resume':
      moveReward(books.rewards.get(request.rewardId)!, request, move, balance)
      break
    case 'adjust':
      if (request.direction === 'debit') {
        move('adjust', 'user:available', 'program:adjustments', amount)
      } else {
        give(books, request)
        move('adjust', 'program:adjustments', 'user:available', amount)
        payDebt(move, balance)
      }
      break
    case 'clear':
      if (request.direction === 'out') move('clear', 'provider:clearing', 'program:cash', amount)
      else move('clear', 'program:cash', 'provider:clearing', amount)
      break
    case 'fee':
      move('fee', 'program:fees', 'provider:clearing', amount)
      move('clear', 'provider:clearing', 'program:cash', amount)
      break
    case 'reserve':
    case 'settle':
    case 'return':
    case 'bounce':
      moveCashout(books, request, move, balance)
      break
  }
}

/** Whatever has come in pays what is owed first; `owed` is below zero while something is. Answers how much it paid. */
function payDebt(move: Move, balance: Balance): bigint {
  const amount = least(balance('user:available'), -balance('user:owed'))
  move('net', 'user:available', 'user:owed', amount)
  return amount
}

function moveReward(
  reward: ModelReward,
  { kind, amount }: RewardRequest | HoldRequest,
  move: Move,
  balance: Balance,
): void {
  switch (kind) {
    case 'earn':
      break
    case 'release': {
      const unheld = least(amount, reward.heldWaiting)
      const handed = least(amount, reward.heldWaiting + reward.waiting)
      move('resume', 'user:held', 'user:pending', unheld)
      move('release', 'user:pending', 'user:available', handed)
      reward.heldWaiting -= unheld
      reward.waiting -= handed - unheld
      reward.handedOver += handed
      const paid = payDebt(move, balance)
      if (reward.isHeld) setAside(reward, handed - paid, move)
      break
    }
    case 'hold':
      move('hold', 'user:pending', 'user:held', reward.waiting)
      reward.heldWaiting += reward.waiting
      reward.waiting = 0n
      setAside(reward, least(reward.handedOver, balance('user:available')), move)
      break
    case 'resume':
      move('resume', 'user:held', 'user:pending', reward.heldWaiting)
      reward.waiting += reward.heldWaiting
      reward.heldWaiting = 0n
      move('resume', 'user:held', 'user:available', reward.heldHandedOver)
      reward.handedOver += reward.heldHandedOver
      reward.heldHandedOver = 0n
      payDebt(move, balance)
      break
    case 'reverse':
      takeBack(reward, amount, move, balance)
      break
  }
}

function setAside(reward: ModelReward, amount: bigint, move: Move): void {
  move('hold', 'user:available', 'user:held', amount)
  reward.handedOver -= amount
  reward.heldHandedOver += amount
}

function takeBack(reward: ModelReward, asked: bigint, move: Move, balance: Balance): void {
  let open = asked
  const take = (there: bigint): bigint => {
    const taken = least(open, there)
    open -= taken
    reward.reversed += taken
    return taken
  }
  const waiting = take(reward.waiting)
  const heldWaiting = take(reward.heldWaiting)
  const heldHandedOver = take(reward.heldHandedOver)
  const handedOver = take(reward.handedOver)
  reward.waiting -= waiting
  reward.heldWaiting -= heldWaiting
  reward.heldHandedOver -= heldHandedOver
  reward.handedOver -= handedOver
  move('reverse', 'user:pending', 'program:expense', waiting)
  move('reverse', 'user:held', 'program:expense', heldWaiting)
  move('resume', 'user:held', 'user:available', heldHandedOver)
  const there = least(heldHandedOver + handedOver, balance('user:available'))
  move('reverse', 'user:available', 'program:expense', there)
  move('reverse', 'user:owed', 'program:expense', heldHandedOver + handedOver - there)
}

function moveCashout(books: Books, request: CashoutRequest, move: Move, balance: Balance): void {
  const { kind, cashoutId, userId, provider, currency, amount } = request
  const cashout = books.cashouts.get(cashoutId)
  switch (kind) {
    case 'reserve':
      books.cashouts.set(cashoutId, { userId, currency, amount, paidBy: null, stands: 'in_payout' })
      move('reserve', 'user:available', 'user:in_payout', amount)
      break
    case 'settle':
      Object.assign(cashout!, { stands: 'paid', paidBy: provider })
      move('settle', 'user:in_payout', 'provider:clearing', amount)
      break
    case 'return':
      cashout!.stands = 'returned'
      move('return', 'user:in_payout', 'user:available', amount)
      payDebt(move, balance)
      break
    case 'bounce':
      cashout!.stands = 'bounced'
      move('bounce', 'provider:clearing', 'user:available', amount)
      payDebt(move, balance)
      break
  }
}

const grantedReward = ({ userId, currency, amount }: Given): ModelReward => ({
  ...{ userId, currency, granted: amount, waiting: amount, heldWaiting: 0n },
  ...{ handedOver: 0n, heldHandedOver: 0n, reversed: 0n, sequence: 0, isHeld: false },
})

type Given = Readonly<{ userId: string; currency: string; amount: bigint }>

function give({ given }: Books, { userId, currency, amount }: Given): void {
  const key = place(userId, currency, 'given')
  given.set(key, (given.get(key) ?? 0n) + amount)
}

const least = (one: bigint, other: bigint) => (one < other ? one : other)
