import { isAmount } from '@tributary/money'
import { decideOccasion, type OccasionDecision } from './occasion.ts'
import type { Referee } from './referral.ts'
import { type Reversible, reversalDue } from './reversal.ts'
import type { RuleVersion } from './rule.ts'
import { ignoredFor, processed, type Verdict } from './verdict.ts'

export type Payment = Readonly<{
  externalUserId: string
  subscriptionId: string
  amount: bigint
  currency: string
  timeMs: number
}>

export type Refund = Readonly<{ refundId: string; amount: bigint; currency: string }>

/** A reward that an invoice's payment earned. */
export type InvoiceReward = Reversible & Readonly<{ id: string }>

/** An invoice as far as it is known: its payment and its refunds may come in either order. */
export type Invoice = Readonly<{
  payment: Payment | null
  /** The payment waits for its customer's registration. */
  waits: boolean
  /** Those of the refunds asked about that are known. */
  refunds: ReadonlyMap<string, Refund>
  /** Everything refunded so far, by currency. */
  refunded: ReadonlyMap<string, bigint>
  rewards: readonly InvoiceReward[]
}>

export const unknownInvoice: Invoice = {
  payment: null,
  waits: false,
  refunds: new Map(),
  refunded: new Map(),
  rewards: [],
}

export type PaymentDecision = Readonly<{ kind: 'known'; verdict: Verdict }> | OccasionDecision

/** Decides a payment: its invoice is rewarded once, and only after its customer is registered. */
export function decidePayment(
  invoice: Invoice,
  payment: Payment,
  referee: Referee,
  rules: readonly RuleVersion[],
): PaymentDecision {
  if (invoice.payment !== null) {
    return {
      kind: 'known',
      verdict: ignoredFor(isSame(invoice.payment, payment) ? 'invoice_already_known' : 'invoice_conflict'),
    }
  }
  return decideOccasion(referee, payment, rules)
}

export type Reversal = Readonly<{ rewardId: string; amount: bigint }>

export type RefundDecision = Readonly<{
  verdict: Verdict
  /** Whether it is new and thus remembered. */
  isNew: boolean
  /** Whether it is decided again once the payment is. */
  waits: boolean
  reversals: readonly Reversal[]
  trace: RefundTrace
}>

export type RefundTrace = Readonly<{ paid: number | null; refunded: number; capped: boolean }>

/** Decides a refund, and answers the invoice with it. */
export function decideRefund(invoice: Invoice, refund: Refund): readonly [RefundDecision, Invoice] {
  const known = invoice.refunds.get(refund.refundId)
  if (known !== undefined) {
    const isRepeated = known.amount === refund.amount && known.currency === refund.currency
    const verdict = ignoredFor(isRepeated ? 'refund_already_known' : 'refund_conflict')
    const trace = traceOf(invoice, refund.currency)
    return [{ verdict, isNew: false, waits: false, reversals: [], trace }, invoice]
  }
  const before = invoice.refunded.get(refund.currency) ?? 0n
  const next: Invoice = {
    ...invoice,
    refunds: new Map(invoice.refunds).set(refund.refundId, refund),
    refunded: new Map(invoice.refunded).set(refund.currency, before + refund.amount),
  }
  const trace = traceOf(next, refund.currency)
  if (invoice.payment === null || invoice.waits) {
    const verdict = ignoredFor(invoice.payment === null ? 'payment_not_seen_yet' : 'not_registered_yet')
    return [{ verdict, isNew: true, waits: true, reversals: [], trace }, next]
  }
  const { reversals, rewards } = settleRefunds(next)
  const verdict = verdictOf(next, invoice.payment, refund.currency, before, reversals)
  return [
    { verdict, isNew: true, waits: false, reversals, trace },
    { ...next, rewards },
  ]
}

/** What is to be taken back for everything refunded so far, and the rewards as they are after that. */
export function settleRefunds(invoice: Invoice): { reversals: Reversal[]; rewards: InvoiceReward[] } {
  const reversals: Reversal[] = []
  const { payment } = invoice
  const rewards = invoice.rewards.map((reward) => {
    const amount = payment ? reversalDue(reward, payment.amount, invoice.refunded.get(payment.currency) ?? 0n) : 0n
    if (!isAmount(amount)) return reward
    reversals.push({ rewardId: reward.id, amount })
    return { ...reward, reversed: reward.reversed + amount }
  })
  return { reversals, rewards }
}

/** The answer to a refund that waited, once its payment is decided. */
export function lateRefundVerdict(
  payment: Payment,
  currency: string,
  rewardCount: number,
  reversalCount: number,
): Verdict {
  if (currency !== payment.currency) return ignoredFor('currency_mismatch')
  if (rewardCount === 0) return ignoredFor('no_reward_to_reverse')
  return reversalCount > 0 ? processed : ignoredFor('nothing_to_reverse')
}

function verdictOf(
  { rewards }: Invoice,
  payment: Payment,
  currency: string,
  refundedBefore: bigint,
  reversals: readonly Reversal[],
): Verdict {
  const verdict = lateRefundVerdict(payment, currency, rewards.length, reversals.length)
  const isSpent = verdict.reason === 'nothing_to_reverse' && refundedBefore >= payment.amount
  return isSpent ? ignoredFor('refunded_already') : verdict
}

function traceOf({ payment, refunded }: Invoice, currency: string): RefundTrace {
  const total = refunded.get(currency) ?? 0n
  const paid = payment?.currency === currency ? payment.amount : null
  const capped = paid !== null && total > paid
  return { paid: paid === null ? null : Number(paid), refunded: Number(capped ? paid : total), capped }
}

function isSame(one: Payment, other: Payment): boolean {
  return (
    one.externalUserId === other.externalUserId &&
    one.subscriptionId === other.subscriptionId &&
    one.amount === other.amount &&
    one.currency === other.currency
  )
}
