import { type DisputeNotice, disputeVerdict, lossOf, refusalOf, withNotice } from './dispute.ts'
import { type Invoice, type InvoiceChanges, type Payment, type Refund, settleInvoice } from './invoice.ts'
import { ignoredFor, processed, type Verdict } from './verdict.ts'

/** What a refund or a dispute of an invoice brings about. */
export type MoneyBackDecision = Readonly<{
  verdict: Verdict
  /** Whether it is new and thus remembered. */
  isNew: boolean
  /** Whether it is decided again once the payment is. */
  waits: boolean
  changes: Omit<InvoiceChanges, 'rewards'>
  trace: MoneyBackTrace
}>

export type MoneyBackTrace = Readonly<{ paid: number | null; refunded: number; disputed: number; capped: boolean }>

const nothing = { reversals: [], holds: [] } as const

/** Decides a refund, and answers the invoice with it. */
export function decideRefund(invoice: Invoice, refund: Refund): readonly [MoneyBackDecision, Invoice] {
  const { currency } = refund
  const known = invoice.refunds.get(refund.refundId)
  if (known !== undefined) {
    const isRepeated = known.amount === refund.amount && known.currency === currency
    const verdict = ignoredFor(isRepeated ? 'refund_already_known' : 'refund_conflict')
    return [{ verdict, isNew: false, waits: false, changes: nothing, trace: traceOf(invoice, currency) }, invoice]
  }
  const before = invoice.refunded.get(currency) ?? 0n
  const next: Invoice = {
    ...invoice,
    refunds: new Map(invoice.refunds).set(refund.refundId, refund),
    refunded: new Map(invoice.refunded).set(currency, before + refund.amount),
  }
  return decideChange(next, currency, (payment, changes) => {
    const verdict = refundVerdict(payment, currency, changes)
    const isSpent = verdict.reason === 'nothing_to_reverse' && before >= payment.amount
    return isSpent ? ignoredFor('refunded_already') : verdict
  })
}

/** Decides what is said of a dispute, and answers the invoice with it. */
export function decideDispute(invoice: Invoice, notice: DisputeNotice): readonly [MoneyBackDecision, Invoice] {
  const currency = notice.currency ?? invoice.payment?.currency ?? ''
  const refusal = refusalOf(invoice.disputes, notice)
  if (refusal !== null) {
    const trace = traceOf(invoice, currency)
    return [{ verdict: refusal, isNew: false, waits: false, changes: nothing, trace }, invoice]
  }
  const next = { ...invoice, disputes: withNotice(invoice.disputes, notice) }
  return decideChange(next, currency, (payment, changes) =>
    disputeVerdict(next.disputes, payment, notice, {
      rewards: changes.rewards.length,
      touched: touchedBy(notice, changes).length,
    }),
  )
}

function decideChange(
  next: Invoice,
  currency: string,
  verdictOf: (payment: Payment, changes: InvoiceChanges) => Verdict,
): readonly [MoneyBackDecision, Invoice] {
  const trace = traceOf(next, currency)
  if (next.payment === null || next.waits) {
    const verdict = ignoredFor(next.payment === null ? 'payment_not_seen_yet' : 'not_registered_yet')
    return [{ verdict, isNew: true, waits: true, changes: nothing, trace }, next]
  }
  const { rewards, ...changes } = settleInvoice(next)
  const verdict = verdictOf(next.payment, { ...changes, rewards })
  return [
    { verdict, isNew: true, waits: false, changes, trace },
    { ...next, rewards },
  ]
}

/** The answer to a refund once its payment is decided and rewards were changed because of it. */
export function refundVerdict(payment: Payment, currency: string, { rewards, reversals }: InvoiceChanges): Verdict {
  if (currency !== payment.currency) return ignoredFor('currency_mismatch')
  if (rewards.length === 0) return ignoredFor('no_reward_to_reverse')
  return reversals.length > 0 ? processed : ignoredFor('nothing_to_reverse')
}

/** Ids of the rewards that a notice of a dispute changed; a hold on a reward of which nothing is left changes nothing. */
export function touchedBy(
  { disputeId, status }: DisputeNotice,
  { reversals, holds }: Pick<InvoiceChanges, 'reversals' | 'holds'>,
): string[] {
  const held = holds.filter(({ change, left }) => change.hold === `dispute:${disputeId}` && left > 0n)
  const taken = status === 'lost' ? reversals : []
  return [...new Set([...taken, ...held].map(({ rewardId }) => rewardId))]
}

function traceOf({ payment, refunded, disputes }: Invoice, currency: string): MoneyBackTrace {
  const total = refunded.get(currency) ?? 0n
  const paid = payment?.currency === currency ? payment.amount : null
  const lost = payment === null ? 0n : lossOf(disputes, payment)
  const atMost = (amount: bigint) => Number(paid !== null && amount > paid ? paid : amount)
  return {
    paid: paid === null ? null : Number(paid),
    refunded: atMost(total),
    disputed: atMost(lost),
    capped: paid !== null && (total > paid || lost > paid),
  }
}
