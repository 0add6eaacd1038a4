import { paymentDisputed } from '@tributary/contracts'
import { consume } from '@tributary/messaging'
import type { Invoice } from '../domain/invoice.ts'
import { decideDispute } from '../domain/money-back.ts'
import { type Effects, mergeEffects, noEffects } from '../steps/effects.ts'
import { loadMoneyBack } from '../steps/load-money-back.ts'
import { moneyBackEffects } from '../steps/money-back.ts'
import { saveEffects } from '../steps/save-effects.ts'
import { alreadyDecided, arrivedEvent, outcomeOf } from '../steps/sender-event.ts'
import { listDecided } from '../store/decisions.ts'

type State = Readonly<{ invoices: Map<string, Invoice>; decided: Set<string> }>

/**
 * A customer contests a payment with their bank, or the bank has ruled: an open dispute holds every reward of the
 * invoice, a won one lets them go, a lost one takes its share back. What is said before the payment is known counts as
 * soon as the payment arrives.
 */
export const onPaymentDisputed = consume(paymentDisputed, {
  async load(tx, events, context): Promise<State> {
    const invoices = await loadMoneyBack(tx, events, context)
    const ids = events.map((event) => event.subject)
    return { invoices, decided: await listDecided(tx, ids) }
  },

  decide(state, event, { newId }) {
    if (state.decided.has(event.subject)) return [{ outcome: alreadyDecided, effects: noEffects }, state]
    state.decided.add(event.subject)
    const { invoiceId, disputeId, status, amount = null, currency = null } = event.data
    const notice = { disputeId, status, amount, currency }
    const invoice = state.invoices.get(invoiceId)!
    const [decision, next] = decideDispute(invoice, notice)
    state.invoices.set(invoiceId, next)
    const arrived = arrivedEvent(event, invoice.payment?.externalUserId ?? null)
    const { eventId, timeMs, because } = arrived
    const { correlationId } = because
    const dispute = { ...notice, invoiceId, eventId, correlationId, at: new Date(timeMs) }
    const effects: Effects = {
      ...noEffects,
      ...moneyBackEffects(arrived, decision, { invoiceId, reason: `dispute_${status}`, newId }),
      disputes: decision.isNew ? [{ ...dispute, waits: decision.waits }] : [],
    }
    return [{ outcome: outcomeOf(decision.verdict), effects }, state]
  },

  async save(tx, decided, publish, { now }) {
    await saveEffects(tx, publish, mergeEffects(decided.map(({ decision }) => decision.effects)), now)
  },
})
