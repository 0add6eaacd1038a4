import { isAmount, minAmount } from '@tributary/money'
import { type Disputes, lossOf, openDisputes } from './dispute.ts'
import { changeHold, type Hold, type Holdable, type HoldChange, leftOf } from './hold.ts'
import type { OccasionDecision } from './occasion.ts'
import { type Reversible, reversalDue } from './reversal.ts'
import { ignoredFor, type Verdict } from './verdict.ts'

export type Payment = Readonly<{
  externalUserId: string
  subscriptionId: string
  amount: bigint
  currency: string
  timeMs: number
}>

export type Refund = Readonly<{ refundId: string; amount: bigint; currency: string }>

/** A reward that an invoice's payment earned. */
export type InvoiceReward = Reversible & Holdable & Readonly<{ id: string }>

/** An invoice as far as it is known: its payment, its refunds and its disputes may come in any order. */
export type Invoice = Readonly<{
  payment: Payment | null
  /** The payment waits for its customer's registration. */
  waits: boolean
  /** Those of the refunds asked about that are known. */
  refunds: ReadonlyMap<string, Refund>
  /** Everything refunded so far, by currency. */
  refunded: ReadonlyMap<string, bigint>
  disputes: Disputes
  rewards: readonly InvoiceReward[]
}>

export const unknownInvoice: Invoice = {
  payment: null,
  waits: false,
  refunds: new Map(),
  refunded: new Map(),
  disputes: new Map(),
  rewards: [],
}

export type PaymentDecision = Readonly<{ kind: 'known'; verdict: Verdict }> | OccasionDecision

/** Decides a payment: its invoice is rewarded once, by what `ask` says that rules give for it. */
export function decidePayment(invoice: Invoice, payment: Payment, ask: () => OccasionDecision): PaymentDecision {
  if (invoice.payment !== null) {
    return {
      kind: 'known',
      verdict: ignoredFor(isSame(invoice.payment, payment) ? 'invoice_already_known' : 'invoice_conflict'),
    }
  }
  return ask()
}

export type Reversal = Readonly<{ rewardId: string; amount: bigint }>
/** `left` is what is left of the reward after all of it. */
export type RewardHold = Readonly<{ rewardId: string; change: HoldChange; left: bigint }>

/** What has to change on an invoice's rewards, and the rewards as they are after that. */
export type InvoiceChanges = Readonly<{
  reversals: readonly Reversal[]
  holds: readonly RewardHold[]
  rewards: readonly InvoiceReward[]
}>

/**
 * How much of the payment is gone: the larger of what was refunded and what was lost in disputes, at most all of it.
 * Nobody tells us whether a refund and a dispute are about the same money, and what is taken back cannot be given again:
 * so they count as the same as far as they can be.
 */
export function goneOf({ payment, refunded, disputes }: Invoice): bigint {
  if (payment === null) return 0n
  const back = refunded.get(payment.currency) ?? 0n
  const lost = lossOf(disputes, payment)
  return minAmount(payment.amount, back > lost ? back : lost)
}

/**
 * What all that is known of an invoice asks of its rewards, beyond what was done before: taken back is what is gone of
 * the payment, held is what an open dispute is about. A function of what is known, so the order makes no difference.
 */
export function settleInvoice(invoice: Invoice): InvoiceChanges {
  const { payment } = invoice
  if (payment === null || invoice.waits) return { reversals: [], holds: [], rewards: invoice.rewards }
  const gone = goneOf(invoice)
  const open = openDisputes(invoice.disputes, payment)
  const reversals: Reversal[] = []
  const holds: RewardHold[] = []
  const rewards = invoice.rewards.map((reward) => {
    const amount = minAmount(reversalDue(reward, payment.amount, gone), leftOf(reward))
    if (isAmount(amount)) reversals.push({ rewardId: reward.id, amount })
    let next = isAmount(amount) ? { ...reward, reversed: reward.reversed + amount } : reward
    const left = leftOf(next)
    for (const id of invoice.disputes.keys()) {
      const hold: Hold = `dispute:${id}`
      const [change, after] = changeHold(next, hold, open.has(id))
      if (change !== null) holds.push({ rewardId: reward.id, change, left })
      next = after
    }
    return next
  })
  return { reversals, holds, rewards }
}

function isSame(one: Payment, other: Payment): boolean {
  return (
    one.externalUserId === other.externalUserId &&
    one.subscriptionId === other.subscriptionId &&
    one.amount === other.amount &&
    one.currency === other.currency
  )
}
