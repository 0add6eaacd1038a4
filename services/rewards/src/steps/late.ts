import { customEvent, subscriptionPaid } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { Context } from '@tributary/messaging'
import type { Referee } from '../domain/referral.ts'
import { lockInvoices } from '../store/invoices.ts'
import { listRulesFor } from '../store/rules.ts'
import { listWaiting, type WaitingEvent } from '../store/waiting-events.ts'
import { decideCustom, ruleTypeOf } from './custom.ts'
import { type Effects, mergeEffects, noEffects } from './effects.ts'
import { loadWaitingMoneyBack } from './load-money-back.ts'
import { decideLatePayment, type PaymentState, paymentOf } from './payment.ts'
import type { RefereeSenderEvent } from './sender-event.ts'

/** Events that waited for some customers, by customer, and what deciding them needs. */
export type LateState = PaymentState & Readonly<{ waiting: ReadonlyMap<string, readonly WaitingEvent[]> }>

/**
 * Reads what waits for these customers, at most `max` events of them all, and locks their invoices; the customers'
 * anchors are locked. `eventTypes` and `since` widen the rules that are read to what the caller itself decides.
 */
export async function loadLate(
  tx: Transaction,
  referees: Map<string, Referee>,
  { max, eventTypes, since }: { max: number; eventTypes: readonly string[]; since: Date },
): Promise<LateState> {
  const events = await listWaiting(tx, [...referees.keys()], max)
  const invoiceIds = [
    ...new Set(events.filter(isPayment).map((event) => subscriptionPaid.data.parse(event.payload).invoiceId)),
  ]
  const earliest = events.reduce((first, { happenedAt }) => (happenedAt < first ? happenedAt : first), since)
  return {
    referees,
    waiting: Map.groupBy(events, (event) => event.externalUserId),
    invoices: await lockInvoices(tx, invoiceIds),
    waitingMoneyBack: await loadWaitingMoneyBack(tx, invoiceIds),
    written: new Set(),
    rules: await listRulesFor(tx, [...eventTypes, ...events.map((event) => ruleTypeOf(event.type))], earliest),
  }
}

const isPayment = (event: WaitingEvent): boolean => event.type === subscriptionPaid.type

/** Decides what waited for a customer who has registered by now, as of when it happened. `causationId` says what ended the wait. */
export function decideLate(
  state: LateState,
  externalUserId: string,
  causationId: string | null,
  context: Context,
): Effects {
  const events = state.waiting.get(externalUserId) ?? []
  const all = events.map((waiting): Effects => {
    const { eventId, type, happenedAt, correlationId, traceparent, revision, payload } = waiting
    const because = { correlationId, subject: causationId ?? eventId, traceparent }
    const again = { eventId, type, timeMs: happenedAt.getTime(), externalUserId, because, revision: revision + 1 }
    return { ...decideAgain(state, again, payload, context), settledEvents: [eventId] }
  })
  return all.length === 0 ? noEffects : mergeEffects(all)
}

function decideAgain(state: LateState, event: RefereeSenderEvent, payload: unknown, context: Context): Effects {
  if (event.type !== subscriptionPaid.type) {
    return decideCustom(state, event, customEvent.data.parse(payload), payload, context).effects
  }
  const paid = paymentOf(subscriptionPaid.data.parse(payload), event)
  return decideLatePayment(state, event, paid, context).effects
}
