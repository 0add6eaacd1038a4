import type { Context } from '@tributary/messaging'
import { causeOfInvoice } from '../domain/cause.ts'
import {
  decidePayment,
  type Invoice,
  type InvoiceReward,
  lateRefundVerdict,
  type Payment,
  settleRefunds,
} from '../domain/invoice.ts'
import { decideOccasion, type OccasionDecision } from '../domain/occasion.ts'
import type { Referee, Referral } from '../domain/referral.ts'
import type { RuleVersion } from '../domain/rule.ts'
import type { Verdict } from '../domain/verdict.ts'
import type { InvoicePayment } from '../store/invoices.ts'
import type { WaitingRefund } from '../store/refunds.ts'
import type { NewReward } from '../store/rewards.ts'
import type { RulesByType } from '../store/rules.ts'
import { type Effects, noEffects } from './effects.ts'
import { rewardsOf } from './grant.ts'
import { decisionOn, type RefereeSenderEvent, type SenderEvent, waitingOf } from './sender-event.ts'

/** A batch's own view of what payments meet on; what one payment changes, the next one of the batch sees. */
export type PaymentState = Readonly<{
  referees: Map<string, Referee>
  invoices: Map<string, Invoice>
  /** Refunds that came before their payment was decided, by invoice. */
  waitingRefunds: ReadonlyMap<string, readonly WaitingRefund[]>
  /** Invoices whose anchor was made with their payment on it. */
  written: ReadonlySet<string>
  rules: RulesByType
}>

type Answered = Readonly<{ verdict: Verdict; effects: Effects }>

/** Decides a payment that has just arrived. `payload` is kept where it has to wait for its customer's registration. */
export function decideArrivedPayment(
  state: PaymentState,
  event: RefereeSenderEvent,
  paid: InvoicePayment,
  payload: unknown,
  { newId }: Context,
): Answered {
  const { invoiceId } = paid
  const invoice = state.invoices.get(invoiceId)!
  const decision = decidePayment(invoice, paid, state.referees.get(paid.externalUserId)!, rulesFor(state, event))
  if (decision.kind === 'known') {
    const effects = { ...noEffects, decisions: [plainDecision(event, decision.verdict, newId)] }
    return { verdict: decision.verdict, effects }
  }
  if (decision.kind !== 'waits') return settle(state, event, paid, decision, newId, !state.written.has(invoiceId))

  state.invoices.set(invoiceId, { ...invoice, payment: paid, waits: true })
  const effects: Effects = {
    ...noEffects,
    payments: [{ ...paid, waits: true }],
    waiting: [waitingOf(event, payload)],
    decisions: [plainDecision(event, decision.verdict, newId)],
  }
  return { verdict: decision.verdict, effects }
}

/** Decides a payment that waited for its customer, who has registered now. */
export function decideLatePayment(
  state: PaymentState,
  event: RefereeSenderEvent,
  paid: InvoicePayment,
  { newId }: Context,
): Answered {
  const referee = state.referees.get(event.externalUserId)!
  const decision = decideOccasion(referee, paid, rulesFor(state, event))
  return settle(state, event, paid, decision, newId, true)
}

/** Grants what the rules give, takes back what was refunded before, and answers both. */
function settle(
  state: PaymentState,
  event: RefereeSenderEvent,
  paid: InvoicePayment,
  decision: OccasionDecision,
  newId: () => string,
  mustWrite: boolean,
): Answered {
  const invoice = state.invoices.get(paid.invoiceId)!
  const cause = causeOfInvoice(paid.invoiceId)
  const isEvaluated = decision.kind === 'evaluated'
  const rewards = isEvaluated
    ? rewardsOf(decision.evaluation.grants, { event, cause, referral: decision.referral, newId })
    : []
  const granted = rewards.map((reward) => asReversible(reward, rulesFor(state, event)))
  const settled = settleRefunds({ ...invoice, payment: paid, waits: false, rewards: granted })
  state.invoices.set(paid.invoiceId, { ...invoice, payment: paid, waits: false, rewards: settled.rewards })

  const rewardIds = rewards.map((reward) => reward.id)
  const trace = isEvaluated ? { referralId: decision.referral.id, rules: decision.evaluation.trace } : { rules: [] }
  const refunds = settleWaitingRefunds(state, event, paid, settled, newId)
  return {
    verdict: decision.verdict,
    effects: {
      ...noEffects,
      ...refunds,
      conversions: isEvaluated ? convert(state, event, decision.referral) : [],
      payments: mustWrite ? [{ ...paid, waits: false }] : [],
      rewards,
      decisions: [
        decisionOn(event, { id: newId(), verdict: decision.verdict, rewardIds, trace }),
        ...refunds.decisions,
      ],
    },
  }
}

/** The first payment of a referred customer converts the referral. */
function convert(state: PaymentState, event: RefereeSenderEvent, referral: Referral): Effects['conversions'] {
  if (referral.state !== 'registered') return []
  const referee = state.referees.get(event.externalUserId)!
  state.referees.set(event.externalUserId, { ...referee, referral: { ...referral, state: 'converted' } })
  const { id, referrerId, refereeId } = referral
  return [{ referralId: id, referrerId, refereeId, at: new Date(event.timeMs), because: event.because }]
}

/**
 * Each refund that waited gets a second answer. What they take back together is one movement a reward, told as the
 * newest refund's doing: the sum depends on their total alone.
 */
function settleWaitingRefunds(
  state: PaymentState,
  event: RefereeSenderEvent,
  paid: InvoicePayment,
  { reversals, rewards }: ReturnType<typeof settleRefunds>,
  newId: () => string,
): Pick<Effects, 'reversals' | 'settledRefunds' | 'decisions'> {
  const waiting = state.waitingRefunds.get(paid.invoiceId) ?? []
  const last = waiting.findLast((refund) => refund.currency === paid.currency)
  const becauseOf = (refund: WaitingRefund | undefined) => ({
    correlationId: refund?.correlationId ?? event.because.correlationId,
    subject: event.because.subject,
    traceparent: event.because.traceparent ?? null,
  })
  return {
    reversals: reversals.map(({ rewardId, amount }) => ({
      rewardId,
      transactionId: newId(),
      amount,
      reason: 'payment_refunded',
      eventId: last?.eventId ?? event.eventId,
      effectiveAt: last?.at ?? new Date(event.timeMs),
      because: becauseOf(last),
    })),
    settledRefunds: waiting.map(({ invoiceId, refundId, revision }) => ({
      invoiceId,
      refundId,
      revision: revision + 1,
    })),
    decisions: waiting.map((refund) => {
      const verdict = lateRefundVerdict(paid, refund.currency, rewards.length, reversals.length)
      const rewardIds = verdict.outcome === 'processed' ? reversals.map((one) => one.rewardId) : []
      const { eventId, revision, at } = refund
      const type = 'payment.refunded'
      const again = { eventId, type, timeMs: at.getTime(), externalUserId: paid.externalUserId, revision: revision + 1 }
      const trace = { paymentEventId: event.eventId, invoiceId: paid.invoiceId }
      return decisionOn({ ...again, because: becauseOf(refund) }, { id: newId(), verdict, rewardIds, trace })
    }),
  }
}

function rulesFor(state: PaymentState, { type }: SenderEvent): readonly RuleVersion[] {
  return state.rules.get(type) ?? []
}

function asReversible(reward: NewReward, rules: readonly RuleVersion[]): InvoiceReward {
  const { terms } = rules.find((rule) => rule.ruleId === reward.ruleId && rule.version === reward.ruleVersion)!
  return { id: reward.id, granted: reward.granted, reversed: 0n, terms }
}

function plainDecision(event: SenderEvent, verdict: Verdict, newId: () => string): Effects['decisions'][number] {
  return decisionOn(event, { id: newId(), verdict, rewardIds: [], trace: { rules: [] } })
}

/** What is kept of a payment. */
export function paymentOf(
  data: Omit<Payment, 'timeMs'> & { invoiceId: string; period?: number | undefined },
  event: SenderEvent,
): InvoicePayment {
  const { externalUserId, invoiceId, subscriptionId, amount, currency, period = null } = data
  const { timeMs, eventId } = event
  return { externalUserId, invoiceId, subscriptionId, amount, currency, period, timeMs, eventId, waits: false }
}
