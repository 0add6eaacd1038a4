import { AMOUNT_MAX, minAmount } from '@tributary/money'
import type { Movement } from './chart.ts'
import type { Standing } from './posting.ts'
import type { HoldRequest, RewardRequest } from './request.ts'
import type { Status } from './status.ts'

/**
 * Where a reward's money is: granted = pending + heldPending + released + heldReleased + reversed. `released` was handed
 * to the user and may have been spent since. While a reward is held, nothing of it is pending.
 */
export type RewardPosition = Readonly<{
  userId: string
  currency: string
  granted: bigint
  pending: bigint
  heldPending: bigint
  released: bigint
  heldReleased: bigint
  reversed: bigint
  /** The highest sequence of a hold or resumption known; 0 before the first. */
  holdSequence: number
  isHeld: boolean
}>

export function checkEarning({ reward, given }: Standing, { amount }: RewardRequest): Status {
  if (reward !== null) return 'reward_already_granted'
  if (given + amount > AMOUNT_MAX) return 'total_out_of_range'
  return 'posted'
}

export function checkReward({ reward }: Standing, request: RewardRequest): Status {
  const stranger = checkOwner(reward, request)
  if (stranger !== null) return stranger
  const { pending, heldPending, reversed, granted } = reward!
  if (request.kind === 'release' && pending + heldPending === 0n) return 'nothing_pending'
  if (request.kind === 'reverse' && reversed === granted) return 'nothing_left_to_reverse'
  return 'posted'
}

export function checkHold({ reward, available }: Standing, request: HoldRequest): Status {
  const stranger = checkOwner(reward, request)
  if (stranger !== null) return stranger
  const { holdSequence, pending, released, heldPending, heldReleased } = reward!
  if (request.sequence <= holdSequence) return 'hold_superseded'
  if (request.kind === 'hold' && pending + minAmount(released, available) === 0n) return 'nothing_to_hold'
  if (request.kind === 'resume' && heldPending + heldReleased === 0n) return 'nothing_held'
  return 'posted'
}

function checkOwner(reward: RewardPosition | null, { userId, currency }: RewardRequest | HoldRequest): Status | null {
  if (reward === null) return 'reward_not_granted_yet'
  if (reward.userId !== userId) return 'reward_of_another_user'
  if (reward.currency !== currency) return 'reward_in_another_currency'
  return null
}

export function earn(amount: bigint): Movement[] {
  return [{ kind: 'earn', debit: 'program:expense', credit: 'user:pending', amount }]
}

/**
 * Hands over what is still pending, at most what was asked for, and pays what the user owes from it. What is held stays
 * held: a hold and a release may come in either order, so a release of held money ends as if it had come first.
 */
export function release(
  { available, owed }: Standing,
  { pending, heldPending, isHeld }: RewardPosition,
  asked: bigint,
): Movement[] {
  const fromHeld = minAmount(asked, heldPending)
  const amount = fromHeld + minAmount(asked - fromHeld, pending)
  const netted = minAmount(available + amount, owed)
  return [
    { kind: 'resume', debit: 'user:held', credit: 'user:pending', amount: fromHeld },
    { kind: 'release', debit: 'user:pending', credit: 'user:available', amount },
    net(netted),
    { kind: 'hold', debit: 'user:available', credit: 'user:held', amount: isHeld ? amount - netted : 0n },
  ]
}

/** Sets aside all that is left of the reward and still there: what is pending, and of what was released, what is not spent. */
export function hold({ available }: Standing, { pending, released }: RewardPosition): Movement[] {
  return [
    { kind: 'hold', debit: 'user:pending', credit: 'user:held', amount: pending },
    { kind: 'hold', debit: 'user:available', credit: 'user:held', amount: minAmount(released, available) },
  ]
}

/** Puts everything back where it was held from, and pays what the user owes from what becomes available. */
export function resume({ available, owed }: Standing, { heldPending, heldReleased }: RewardPosition): Movement[] {
  return [
    { kind: 'resume', debit: 'user:held', credit: 'user:pending', amount: heldPending },
    { kind: 'resume', debit: 'user:held', credit: 'user:available', amount: heldReleased },
    net(heldReleased > 0n ? minAmount(available + heldReleased, owed) : 0n),
  ]
}

/**
 * Takes back from where the reward's money is, at most what is left of it: what was not handed over first, so that a
 * release and a reversal end the same in either order; then what is held of it, then what the user has available; the
 * user owes the rest. Money that was handed over and then held goes back the way it came.
 */
export function reverse({ available }: Standing, reward: RewardPosition, asked: bigint): Movement[] {
  const fromPending = minAmount(asked, reward.pending)
  const fromHeldPending = minAmount(asked - fromPending, reward.heldPending)
  const rest = asked - fromPending - fromHeldPending
  const fromHeldReleased = minAmount(rest, reward.heldReleased)
  const fromReleased = fromHeldReleased + minAmount(rest - fromHeldReleased, reward.released)
  const fromAvailable = minAmount(fromReleased, available + fromHeldReleased)
  return [
    { kind: 'reverse', debit: 'user:pending', credit: 'program:expense', amount: fromPending },
    { kind: 'reverse', debit: 'user:held', credit: 'program:expense', amount: fromHeldPending },
    { kind: 'resume', debit: 'user:held', credit: 'user:available', amount: fromHeldReleased },
    { kind: 'reverse', debit: 'user:available', credit: 'program:expense', amount: fromAvailable },
    { kind: 'reverse', debit: 'user:owed', credit: 'program:expense', amount: fromReleased - fromAvailable },
  ]
}

/** What was owed is paid from what has just become available. */
export const net = (amount: bigint): Movement => ({
  kind: 'net',
  debit: 'user:available',
  credit: 'user:owed',
  amount,
})
