import { type CashoutPosition, checkCashout, moveCashout } from './cashout.ts'
import type { Movement } from './chart.ts'
import { adjust, checkAdjustment, clear, fee } from './program.ts'
import type { Request } from './request.ts'
import {
  checkEarning,
  checkHold,
  checkReward,
  earn,
  hold,
  type RewardPosition,
  release,
  resume,
  reverse,
} from './reward.ts'
import type { Status } from './status.ts'

/** All that an answer depends on. */
export type Standing = Readonly<{
  /** How this cause was answered before, if it was. */
  answered: 'never' | 'same_content' | 'other_content' | 'other_content_told'
  reward: RewardPosition | null
  cashout: CashoutPosition | null
  /** The cashout's reservation was refused. */
  cashoutRefused: boolean
  /** What the user was ever given in this currency by earnings and adjustments, before reversals. */
  given: bigint
  /** Balances of the user in this currency. */
  available: bigint
  owed: bigint
}>

/** How a reward stands from now on, where a request changes it. */
export type HoldChange = Readonly<{ rewardId: string; sequence: number; isHeld: boolean }>
export type Answer = Readonly<{ status: Status; movements: readonly Movement[]; hold: HoldChange | null }>

/** Decides what a request moves. Every refusal in a fixed order, then a line after which it must succeed. */
export function answerRequest(standing: Standing, request: Request): Answer {
  const status = checkCause(standing) ?? checkRequest(standing, request)
  const hold = holdChange(status, request)
  if (status !== 'posted') return { status, movements: [], hold }
  // From here on it must succeed.
  return { status, movements: movementsOf(standing, request).filter(({ amount }) => amount > 0n), hold }
}

function checkCause({ answered }: Standing): Status | null {
  if (answered === 'same_content' || answered === 'other_content_told') return 'already_answered'
  if (answered === 'other_content') return 'conflict'
  return null
}

function checkRequest(standing: Standing, request: Request): Status {
  switch (request.kind) {
    case 'earn':
      return checkEarning(standing, request)
    case 'release':
    case 'reverse':
      return checkReward(standing, request)
    case 'hold':
    case 'resume':
      return checkHold(standing, request)
    case 'reserve':
    case 'settle':
    case 'return':
    case 'bounce':
      return checkCashout(standing, request)
    case 'adjust':
      return checkAdjustment(standing, request)
    case 'clear':
    case 'fee':
      // What a provider says it did has happened; matching it is settlement's matter.
      return 'posted'
  }
}

function movementsOf(standing: Standing, request: Request): Movement[] {
  switch (request.kind) {
    case 'earn':
      return earn(request.amount)
    case 'release':
      return release(standing, standing.reward!, request.amount)
    case 'reverse':
      return reverse(standing, standing.reward!, request.amount)
    case 'hold':
      return hold(standing, standing.reward!)
    case 'resume':
      return resume(standing, standing.reward!)
    case 'reserve':
    case 'settle':
    case 'return':
    case 'bounce':
      return moveCashout(standing, request)
    case 'clear':
      return clear(request)
    case 'fee':
      return fee(request)
    case 'adjust':
      return adjust(standing, request)
  }
}

/** A hold that finds no money still counts: what is released later is set aside at once. */
function holdChange(status: Status, request: Request): HoldChange | null {
  if (request.kind !== 'hold' && request.kind !== 'resume') return null
  if (status !== 'posted' && status !== 'nothing_to_hold' && status !== 'nothing_held') return null
  return { rewardId: request.rewardId, sequence: request.sequence, isHeld: request.kind === 'hold' }
}
