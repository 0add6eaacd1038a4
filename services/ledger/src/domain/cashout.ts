import { minAmount } from '@tributary/money'
import type { Movement } from './chart.ts'
import type { Standing } from './posting.ts'
import type { CashoutRequest } from './request.ts'
import { net } from './reward.ts'
import type { Status } from './status.ts'

/** Where a cashout's money is: reserved = inPayout + paid + returned + bounced. A cashout moves whole. */
export type CashoutPosition = Readonly<{
  userId: string
  /** Who paid it; null until somebody has. */
  provider: string | null
  currency: string
  reserved: bigint
  inPayout: bigint
  paid: bigint
  returned: bigint
  bounced: bigint
}>

export function checkCashout(standing: Standing, request: CashoutRequest): Status {
  const { cashout, cashoutRefused, available } = standing
  if (request.kind === 'reserve') {
    if (cashout !== null) return 'cashout_already_reserved'
    if (cashoutRefused) return 'cashout_was_refused'
    return request.amount > available ? 'insufficient_available' : 'posted'
  }
  if (cashout === null) {
    if (!cashoutRefused) return 'cashout_not_reserved_yet'
    return request.kind === 'return' ? 'nothing_reserved' : 'cashout_was_refused'
  }
  return checkOwner(cashout, request) ?? checkPlace(cashout, request.kind)
}

function checkOwner(cashout: CashoutPosition, request: CashoutRequest): Status | null {
  if (cashout.userId !== request.userId) return 'cashout_of_another_user'
  if (cashout.currency !== request.currency) return 'cashout_in_another_currency'
  if (cashout.provider !== null && cashout.provider !== request.provider) return 'cashout_of_another_provider'
  if (cashout.reserved !== request.amount) return 'cashout_of_another_amount'
  return null
}

/** A cashout moves whole, so exactly one of its four places has all of it. */
function checkPlace({ inPayout, paid, returned }: CashoutPosition, kind: 'settle' | 'return' | 'bounce'): Status {
  switch (kind) {
    case 'settle':
      if (inPayout > 0n) return 'posted'
      return returned > 0n ? 'cashout_was_returned' : 'nothing_in_payout'
    case 'return':
      if (inPayout > 0n) return 'posted'
      return returned > 0n ? 'nothing_in_payout' : 'cashout_was_paid'
    case 'bounce':
      if (paid > 0n) return 'posted'
      if (inPayout > 0n) return 'cashout_not_paid_yet'
      return returned > 0n ? 'cashout_was_returned' : 'nothing_paid'
  }
}

export function moveCashout({ available, owed }: Standing, { kind, amount }: CashoutRequest): Movement[] {
  const netted = net(minAmount(available + amount, owed))
  switch (kind) {
    case 'reserve':
      return [{ kind, debit: 'user:available', credit: 'user:in_payout', amount }]
    case 'settle':
      return [{ kind, debit: 'user:in_payout', credit: 'provider:clearing', amount }]
    case 'return':
      return [{ kind, debit: 'user:in_payout', credit: 'user:available', amount }, netted]
    case 'bounce':
      return [{ kind, debit: 'provider:clearing', credit: 'user:available', amount }, netted]
  }
}
