import { AMOUNT_MAX, type Currency, minAmount } from '@tributary/money'
import type { Movement } from './chart.ts'
import type { Status } from './status.ts'

/** What rewards asks for. `amount` is above zero; the fingerprint stands for everything else in it. */
export type RewardRequest = Readonly<{
  kind: 'earn' | 'release' | 'reverse'
  causeId: string
  fingerprint: string
  rewardId: string
  userId: string
  amount: bigint
  currency: Currency
}>

/** Where a reward's money is: granted = pending + released + reversed. `released` may have been spent since. */
export type Position = Readonly<{
  userId: string
  currency: string
  granted: bigint
  pending: bigint
  released: bigint
  reversed: bigint
}>

/** All that an answer depends on. */
export type Standing = Readonly<{
  /** How this cause was answered before, if it was. */
  answered: 'never' | 'same_content' | 'other_content' | 'other_content_told'
  position: Position | null
  /** Balances of the user in this currency. `granted` is all that was ever earned, before reversals. */
  granted: bigint
  available: bigint
  owed: bigint
}>

export type Answer = Readonly<{ status: Status; movements: readonly Movement[] }>

/** Decides what a request moves. Every refusal in a fixed order, then a line after which it must succeed. */
export function answerRequest(standing: Standing, request: RewardRequest): Answer {
  const status = request.kind === 'earn' ? checkEarning(standing, request) : checkMovement(standing, request)
  if (status !== 'posted') return { status, movements: [] }
  // From here on it must succeed.
  switch (request.kind) {
    case 'earn':
      return {
        status,
        movements: [{ kind: 'earn', debit: 'program:expense', credit: 'user:pending', amount: request.amount }],
      }
    case 'release':
      return { status, movements: release(standing, standing.position!, request.amount) }
    case 'reverse':
      return { status, movements: reverse(standing, standing.position!, request.amount) }
  }
}

function checkCause({ answered }: Standing): Status | null {
  if (answered === 'same_content' || answered === 'other_content_told') return 'already_answered'
  if (answered === 'other_content') return 'conflict'
  return null
}

function checkEarning(standing: Standing, { amount }: RewardRequest): Status {
  const known = checkCause(standing)
  if (known !== null) return known
  if (standing.position !== null) return 'reward_already_granted'
  if (standing.granted + amount > AMOUNT_MAX) return 'total_out_of_range'
  return 'posted'
}

function checkMovement(standing: Standing, { kind, userId, currency }: RewardRequest): Status {
  const known = checkCause(standing)
  if (known !== null) return known
  const { position } = standing
  if (position === null) return 'reward_not_granted_yet'
  if (position.userId !== userId) return 'reward_of_another_user'
  if (position.currency !== currency) return 'reward_in_another_currency'
  if (kind === 'release' && position.pending === 0n) return 'nothing_pending'
  if (kind === 'reverse' && position.reversed === position.granted) return 'nothing_left_to_reverse'
  return 'posted'
}

/** Hands over what is still pending, at most what was asked for, and pays what the user owes from it. */
function release({ available, owed }: Standing, { pending }: Position, asked: bigint): Movement[] {
  const amount = minAmount(asked, pending)
  const net = minAmount(available + amount, owed)
  return moving([
    { kind: 'release', debit: 'user:pending', credit: 'user:available', amount },
    { kind: 'net', debit: 'user:available', credit: 'user:owed', amount: net },
  ])
}

/**
 * Takes back from where the reward's money is, at most what is left of it: pending first, so that a release and a
 * reversal end the same in either order; then what the user has available; the user owes the rest.
 */
function reverse({ available }: Standing, { pending, released }: Position, asked: bigint): Movement[] {
  const fromPending = minAmount(asked, pending)
  const fromReleased = minAmount(asked - fromPending, released)
  const fromAvailable = minAmount(fromReleased, available)
  return moving([
    { kind: 'reverse', debit: 'user:pending', credit: 'program:expense', amount: fromPending },
    { kind: 'reverse', debit: 'user:available', credit: 'program:expense', amount: fromAvailable },
    { kind: 'reverse', debit: 'user:owed', credit: 'program:expense', amount: fromReleased - fromAvailable },
  ])
}

function moving(movements: readonly Movement[]): Movement[] {
  return movements.filter(({ amount }) => amount > 0n)
}
