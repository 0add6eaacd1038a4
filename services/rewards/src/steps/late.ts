import { customEvent, subscriptionPaid } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { Context } from '@tributary/messaging'
import type { Referee } from '../domain/referral.ts'
import { lockInvoices } from '../store/invoices.ts'
import { listRulesFor } from '../store/rules.ts'
import { listWaiting, type WaitingEvent } from '../store/waiting-events.ts'
import { type Asked, loadCounting } from './counting.ts'
import { decideCustom, ruleTypeOf } from './custom.ts'
import { type Effects, mergeEffects, noEffects } from './effects.ts'
import { loadWaitingMoneyBack } from './load-money-back.ts'
import { decideLatePayment, type PaymentState, paymentOf } from './payment.ts'
import type { RefereeSenderEvent } from './sender-event.ts'

/** Events that waited for some customers, by customer, and what deciding them needs. */
export type LateState = PaymentState & Readonly<{ waiting: ReadonlyMap<string, readonly WaitingEvent[]> }>

/** Whom a customer's events may reward. */
export type People = Pick<Asked, 'referrerId' | 'refereeId' | 'referralId'>

/**
 * Reads what waits for these customers, at most `max` events of them all, and locks their invoices; the customers'
 * anchors are locked. `own` and `since` widen what is read to what the caller itself decides; `peopleOf` tells whose
 * events the waiting ones may turn out to be.
 */
export async function loadLate(
  tx: Transaction,
  referees: Map<string, Referee>,
  { max, own, since, peopleOf }: LateOptions,
): Promise<LateState> {
  const events = await listWaiting(tx, [...referees.keys()], max)
  const invoiceIds = [
    ...new Set(events.filter(isPayment).map((event) => subscriptionPaid.data.parse(event.payload).invoiceId)),
  ]
  const earliest = events.reduce((first, { happenedAt }) => (happenedAt < first ? happenedAt : first), since)
  const types = [...own.map(({ type }) => type), ...events.map((event) => ruleTypeOf(event.type))]
  const rules = await listRulesFor(tx, types, earliest)
  const late = events.flatMap((event) => peopleOf(event.externalUserId).map((people) => askedOf(event, people)))
  return {
    referees,
    waiting: Map.groupBy(events, (event) => event.externalUserId),
    invoices: await lockInvoices(tx, invoiceIds),
    waitingMoneyBack: await loadWaitingMoneyBack(tx, invoiceIds),
    written: new Set(),
    rules,
    counting: await loadCounting(tx, rules, [...own, ...late]),
  }
}

type LateOptions = Readonly<{
  max: number
  own: readonly Asked[]
  since: Date
  peopleOf(externalUserId: string): readonly People[]
}>

function askedOf(event: WaitingEvent, people: People): Asked {
  const { type, happenedAt, payload } = event
  const asked = { ...people, type: ruleTypeOf(type), timeMs: happenedAt.getTime(), payment: null }
  if (!isPayment(event)) return asked
  const { invoiceId, externalUserId, subscriptionId, period = null } = subscriptionPaid.data.parse(payload)
  return { ...asked, payment: { invoiceId, externalUserId, subscriptionId, period, timeMs: asked.timeMs } }
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
  return decideLatePayment(state, event, paid, payload, context).effects
}
