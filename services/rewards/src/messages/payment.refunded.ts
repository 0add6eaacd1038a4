import { paymentRefunded } from '@tributary/contracts'
import { consume } from '@tributary/messaging'
import type { Invoice } from '../domain/invoice.ts'
import { decideRefund } from '../domain/money-back.ts'
import { type Effects, mergeEffects, noEffects } from '../steps/effects.ts'
import { loadMoneyBack } from '../steps/load-money-back.ts'
import { moneyBackEffects } from '../steps/money-back.ts'
import { saveEffects } from '../steps/save-effects.ts'
import { alreadyDecided, arrivedEvent, outcomeOf } from '../steps/sender-event.ts'
import { listDecided } from '../store/decisions.ts'

type State = Readonly<{ invoices: Map<string, Invoice>; decided: Set<string> }>

/**
 * Money of an invoice went back to the customer: what its rewards are too much by is taken back. A refund of an invoice
 * that nobody has paid yet, as far as we know, is remembered and counts as soon as the payment arrives.
 */
export const onPaymentRefunded = consume(paymentRefunded, {
  async load(tx, events, context): Promise<State> {
    const invoices = await loadMoneyBack(tx, events, context)
    const ids = events.map((event) => event.subject)
    return { invoices, decided: await listDecided(tx, ids) }
  },

  decide(state, event, { newId }) {
    if (state.decided.has(event.subject)) return [{ outcome: alreadyDecided, effects: noEffects }, state]
    state.decided.add(event.subject)
    const { invoiceId, refundId, amount, currency } = event.data
    const invoice = state.invoices.get(invoiceId)!
    const [decision, next] = decideRefund(invoice, event.data)
    state.invoices.set(invoiceId, next)
    const arrived = arrivedEvent(event, invoice.payment?.externalUserId ?? null)
    const { eventId, timeMs, because } = arrived
    const { correlationId } = because
    const refund = { invoiceId, refundId, amount, currency, eventId, correlationId, at: new Date(timeMs) }
    const effects: Effects = {
      ...noEffects,
      ...moneyBackEffects(arrived, decision, { invoiceId, reason: 'payment_refunded', newId }),
      refunds: decision.isNew ? [{ ...refund, waits: decision.waits }] : [],
    }
    return [{ outcome: outcomeOf(decision.verdict), effects }, state]
  },

  async save(tx, decided, publish, { now }) {
    await saveEffects(tx, publish, mergeEffects(decided.map(({ decision }) => decision.effects)), now)
  },
})
