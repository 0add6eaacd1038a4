import type { Context } from '@tributary/messaging'
import { causeOfInvoice } from '../domain/cause.ts'
import { decidePayment, type Invoice, type InvoiceReward, type Payment, settleInvoice } from '../domain/invoice.ts'
import { decideOccasion, type OccasionDecision, waitsForConversion } from '../domain/occasion.ts'
import type { Referee, Referral } from '../domain/referral.ts'
import type { RuleVersion } from '../domain/rule.ts'
import type { Verdict } from '../domain/verdict.ts'
import { visibleData } from '../domain/visible-data.ts'
import type { InvoicePayment } from '../store/invoices.ts'
import type { NewReward } from '../store/rewards.ts'
import type { RulesByType } from '../store/rules.ts'
import type { Counting } from './counting.ts'
import { type Effects, noEffects } from './effects.ts'
import { rewardsOf } from './grant.ts'
import { settleWaiting, type WaitingMoneyBack } from './money-back.ts'
import { decisionOn, type RefereeSenderEvent, type SenderEvent, waitingOf } from './sender-event.ts'

/** A batch's own view of what payments meet on; what one payment changes, the next one of the batch sees. */
export type PaymentState = Readonly<{
  referees: Map<string, Referee>
  invoices: Map<string, Invoice>
  /** Refunds and disputes that came before their payment was decided. */
  waitingMoneyBack(invoiceId: string): WaitingMoneyBack
  /** Invoices whose anchor was made with their payment on it. */
  written: ReadonlySet<string>
  rules: RulesByType
  counting: Counting
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
  const decision = decidePayment(invoice, paid, () => ask(state, event, paid, payload))
  if (decision.kind === 'known') {
    const effects = { ...noEffects, decisions: [plainDecision(event, decision.verdict, newId)] }
    return { verdict: decision.verdict, effects }
  }
  if (decision.kind !== 'waits')
    return settle(state, event, paid, { decision, payload }, newId, !state.written.has(invoiceId))

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
  payload: unknown,
  { newId }: Context,
): Answered {
  const decision = ask(state, event, paid, payload)
  return settle(state, event, paid, { decision, payload }, newId, true)
}

function ask(state: PaymentState, event: RefereeSenderEvent, paid: InvoicePayment, payload: unknown): OccasionDecision {
  const { timeMs, amount, currency } = paid
  const invoice = state.counting.invoiceOf(paid)
  const asked = { type: event.type, timeMs, amount, currency, invoice, data: visibleData(payload) }
  return decideOccasion(state.referees.get(event.externalUserId)!, asked, rulesFor(state, event), state.counting)
}

/** Grants what the rules give, takes back or holds what refunds and disputes before asked for, and answers all of them. */
function settle(
  state: PaymentState,
  event: RefereeSenderEvent,
  paid: InvoicePayment,
  { decision, payload }: Readonly<{ decision: OccasionDecision; payload: unknown }>,
  newId: () => string,
  mustWrite: boolean,
): Answered {
  const invoice = state.invoices.get(paid.invoiceId)!
  const cause = causeOfInvoice(paid.invoiceId)
  const isEvaluated = decision.kind === 'evaluated'
  const rewards = isEvaluated
    ? rewardsOf(decision.evaluation.grants, { event, cause, referral: decision.referral, newId })
    : []
  if (isEvaluated) state.counting.spend(decision.evaluation.grants)
  const granted = rewards.map((reward) => asReversible(reward, rulesFor(state, event)))
  const next = { ...invoice, payment: paid, waits: false, rewards: granted }
  const changes = settleInvoice(next)
  state.invoices.set(paid.invoiceId, { ...next, rewards: changes.rewards })

  const rewardIds = rewards.map((reward) => reward.id)
  const trace = isEvaluated ? { referralId: decision.referral.id, rules: decision.evaluation.trace } : { rules: [] }
  const late = settleWaiting(event, next, changes, state.waitingMoneyBack(paid.invoiceId), newId)
  return {
    verdict: decision.verdict,
    effects: {
      ...noEffects,
      ...late,
      occasions: isEvaluated ? [{ ...event, cause, occasion: decision.occasion }] : [],
      conversions: isEvaluated ? convert(state, event, decision.referral) : [],
      waiting: waitsForConversion(decision) ? [waitingOf(event, payload, 'conversion')] : [],
      payments: mustWrite ? [{ ...paid, waits: false }] : [],
      rewards,
      decisions: [decisionOn(event, { id: newId(), verdict: decision.verdict, rewardIds, trace }), ...late.decisions],
    },
  }
}

/** The first payment of a referred customer converts the referral. */
function convert(state: PaymentState, event: RefereeSenderEvent, referral: Referral): Effects['conversions'] {
  if (referral.state === 'converted') return []
  const referee = state.referees.get(event.externalUserId)!
  state.referees.set(event.externalUserId, { ...referee, referral: { ...referral, state: 'converted' } })
  const { id, referrerId, refereeId } = referral
  state.counting.convert(referrerId, event.timeMs)
  const frees = referral.expiresMs === null ? null : event.externalUserId
  return [{ referralId: id, referrerId, refereeId, at: new Date(event.timeMs), frees, because: event.because }]
}

function rulesFor(state: PaymentState, { type }: SenderEvent): readonly RuleVersion[] {
  return state.rules.get(type) ?? []
}

function asReversible(reward: NewReward, rules: readonly RuleVersion[]): InvoiceReward {
  const rule = rules.find(({ ruleId, version }) => ruleId === reward.ruleId && version === reward.ruleVersion)!
  const terms = { reward: reward.rate, minimumAmount: rule.terms.minimumAmount }
  return { id: reward.id, granted: reward.granted, reversed: 0n, refusal: null, holds: [], holdSequence: 0, terms }
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
