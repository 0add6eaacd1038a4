import { AMOUNT_MAX, minAmount } from '@tributary/money'
import type { Movement } from './chart.ts'
import type { Standing } from './posting.ts'
import type { AdjustRequest, ClearRequest, FeeRequest } from './request.ts'
import { net } from './reward.ts'
import type { Status } from './status.ts'

export function checkAdjustment({ given, available }: Standing, { direction, amount }: AdjustRequest): Status {
  if (direction === 'credit') return given + amount > AMOUNT_MAX ? 'total_out_of_range' : 'posted'
  return amount > available ? 'insufficient_available' : 'posted'
}

/** Like an earning that nobody has to wait for, and back. */
export function adjust({ available, owed }: Standing, { direction, amount }: AdjustRequest): Movement[] {
  if (direction === 'debit') {
    return [{ kind: 'adjust', debit: 'user:available', credit: 'program:adjustments', amount }]
  }
  return [
    { kind: 'adjust', debit: 'program:adjustments', credit: 'user:available', amount },
    net(minAmount(available + amount, owed)),
  ]
}

/** What a provider paid for us leaves our cash; what it gave back comes in. */
export function clear({ direction, amount }: ClearRequest): Movement[] {
  return direction === 'out'
    ? [{ kind: 'clear', debit: 'provider:clearing', credit: 'program:cash', amount }]
    : [{ kind: 'clear', debit: 'program:cash', credit: 'provider:clearing', amount }]
}

/** A fee is taken together with what is settled, so it clears at once. */
export function fee({ amount }: FeeRequest): Movement[] {
  return [
    { kind: 'fee', debit: 'program:fees', credit: 'provider:clearing', amount },
    { kind: 'clear', debit: 'provider:clearing', credit: 'program:cash', amount },
  ]
}
