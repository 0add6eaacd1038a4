import { type Envelope, type EventData, subscriptionPaid } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import { consume, type LoadContext } from '@tributary/messaging'
import { unknownInvoice } from '../domain/invoice.ts'
import { loadCounting } from '../steps/counting.ts'
import { mergeEffects, noEffects } from '../steps/effects.ts'
import { loadWaitingMoneyBack } from '../steps/load-money-back.ts'
import { firstPayments, lockAnchors } from '../steps/lock-anchors.ts'
import { lockCustomers } from '../steps/lock-customers.ts'
import { decideArrivedPayment, type PaymentState, paymentOf } from '../steps/payment.ts'
import { saveEffects } from '../steps/save-effects.ts'
import { alreadyDecided, arrivedEvent, earliest, outcomeOf } from '../steps/sender-event.ts'
import { listDecided } from '../store/decisions.ts'
import { insertPayments, lockInvoices } from '../store/invoices.ts'
import { listRulesFor } from '../store/rules.ts'

type Paid = Envelope<EventData<typeof subscriptionPaid>>
type State = PaymentState & Readonly<{ decided: Set<string> }>

/** A customer paid. If somebody referred them, rules may reward the referrer, the customer, or both. */
export const onSubscriptionPaid = consume(subscriptionPaid, {
  load,

  decide(state, event, context) {
    if (state.decided.has(event.subject)) return [{ outcome: alreadyDecided, effects: noEffects }, state]
    state.decided.add(event.subject)
    const arrived = arrivedEvent(event, event.data.externalUserId)
    const payload = subscriptionPaid.data.encode(event.data)
    const { verdict, effects } = decideArrivedPayment(state, arrived, paymentOf(event.data, arrived), payload, context)
    return [{ outcome: outcomeOf(verdict), effects }, state]
  },

  async save(tx, decided, publish, { now }) {
    await saveEffects(tx, publish, mergeEffects(decided.map(({ decision }) => decision.effects)), now)
  },
})

/** Locks customers, then invoices: the order that everyone keeps to. A payment usually makes its invoice's anchor. */
async function load(tx: Transaction, events: readonly Paid[], context: LoadContext): Promise<State> {
  const { now } = context
  const referees = await lockCustomers(tx, events, context)
  const firsts = firstPayments(events)
  const written = (await lockAnchors(tx, context)) ?? (await insertPayments(tx, firsts, now))
  const others = firsts.map(({ invoiceId }) => invoiceId).filter((id) => !written.has(id))
  const invoices = await lockInvoices(tx, others)
  for (const id of written) invoices.set(id, unknownInvoice)
  const rules = await listRulesFor(tx, [subscriptionPaid.type], earliest(events))
  const asked = events.flatMap(({ type, time, data }) => {
    const referral = referees.get(data.externalUserId)?.referral ?? null
    const timeMs = Date.parse(time)
    const payment = { ...data, timeMs, period: data.period ?? null }
    return referral === null ? [] : [{ ...referral, referralId: referral.id, type, timeMs, payment }]
  })
  return {
    referees,
    invoices,
    written,
    waitingMoneyBack: await loadWaitingMoneyBack(tx, others),
    rules,
    counting: await loadCounting(tx, rules, asked),
    decided: await listDecided(
      tx,
      events.map((event) => event.subject),
    ),
  }
}
