import type { Books } from './books.ts'
import type { CashoutPosition } from './cashout.ts'
import type { Movement } from './chart.ts'
import type { HoldChange } from './posting.ts'
import type { CashoutRequest, HoldRequest, Request, RewardRequest } from './request.ts'
import type { RewardPosition } from './reward.ts'

type RewardPlace = 'pending' | 'heldPending' | 'released' | 'heldReleased' | 'reversed'

/** Between which places of a reward a movement takes its money; undefined for a movement that is about no reward. */
function placesOf({ kind, debit, credit }: Movement): readonly [RewardPlace, RewardPlace] | undefined {
  if (kind === 'release') return ['pending', 'released']
  if (kind === 'hold') return debit === 'user:pending' ? ['pending', 'heldPending'] : ['released', 'heldReleased']
  if (kind === 'resume') return credit === 'user:pending' ? ['heldPending', 'pending'] : ['heldReleased', 'released']
  if (kind !== 'reverse') return undefined
  if (debit === 'user:pending') return ['pending', 'reversed']
  return [debit === 'user:held' ? 'heldPending' : 'released', 'reversed']
}

/** Brings the position that a request is about up to date with what it moved. */
export function movePositions(
  { rewards, cashouts }: Books,
  request: Request,
  movements: readonly Movement[],
  hold: HoldChange | null,
): void {
  if ('rewardId' in request) {
    const moved = moveReward(rewards.get(request.rewardId), request, movements)
    if (moved === undefined) return
    const stands = hold === null ? {} : { holdSequence: hold.sequence, isHeld: hold.isHeld }
    rewards.set(request.rewardId, { ...moved, ...stands })
  } else if ('cashoutId' in request && request.kind !== 'clear' && movements.length > 0) {
    cashouts.set(request.cashoutId, moveCashout(cashouts.get(request.cashoutId), request))
  }
}

function moveReward(
  before: RewardPosition | undefined,
  { kind, userId, currency, amount }: RewardRequest | HoldRequest,
  movements: readonly Movement[],
): RewardPosition | undefined {
  if (kind === 'earn') {
    if (movements.length === 0) return before
    const nothing = { heldPending: 0n, released: 0n, heldReleased: 0n, reversed: 0n, holdSequence: 0, isHeld: false }
    return { userId, currency, granted: amount, pending: amount, ...nothing }
  }
  let position = before
  for (const movement of movements) {
    const places = placesOf(movement)
    if (position === undefined || places === undefined) continue
    const [from, to] = places
    const taken = { ...position, [from]: position[from] - movement.amount }
    position = { ...taken, [to]: taken[to] + movement.amount }
  }
  return position
}

function moveCashout(
  before: CashoutPosition | undefined,
  { kind, userId, provider, currency, amount }: CashoutRequest,
): CashoutPosition {
  const nowhere = { inPayout: 0n, paid: 0n, returned: 0n, bounced: 0n }
  const payer = kind === 'settle' ? provider : (before?.provider ?? null)
  const whole = { userId, provider: payer, currency, reserved: before?.reserved ?? amount, ...nowhere }
  switch (kind) {
    case 'reserve':
      return { ...whole, inPayout: amount }
    case 'settle':
      return { ...whole, paid: amount }
    case 'return':
      return { ...whole, returned: amount }
    case 'bounce':
      return { ...whole, bounced: amount }
  }
}
