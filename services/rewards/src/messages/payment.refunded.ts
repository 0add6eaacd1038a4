import { type Envelope, type EventData, paymentRefunded } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import { type Context, consume } from '@tributary/messaging'
import { decideRefund, type Invoice } from '../domain/invoice.ts'
import { type Effects, mergeEffects, noEffects } from '../steps/effects.ts'
import { saveEffects } from '../steps/save-effects.ts'
import { alreadyDecided, arrivedEvent, decisionOn, outcomeOf, type SenderEvent } from '../steps/sender-event.ts'
import { listDecided } from '../store/decisions.ts'
import { lockInvoiceRewards, lockOrCreateInvoices } from '../store/invoices.ts'
import { listKnownRefunds } from '../store/refunds.ts'

type Refunded = Envelope<EventData<typeof paymentRefunded>>
type State = Readonly<{ invoices: Map<string, Invoice>; decided: Set<string> }>

/**
 * Money of an invoice went back to the customer: what its rewards are too much by is taken back. A refund of an invoice
 * that nobody has paid yet, as far as we know, is remembered and counts as soon as the payment arrives.
 */
export const onPaymentRefunded = consume(paymentRefunded, {
  load,

  decide(state, event, { newId }) {
    if (state.decided.has(event.subject)) return [{ outcome: alreadyDecided, effects: noEffects }, state]
    state.decided.add(event.subject)
    const invoice = state.invoices.get(event.data.invoiceId)!
    const [decision, next] = decideRefund(invoice, event.data)
    state.invoices.set(event.data.invoiceId, next)
    const arrived = arrivedEvent(event, invoice.payment?.externalUserId ?? null)
    return [{ outcome: outcomeOf(decision.verdict), effects: effectsOf(event, arrived, decision, newId) }, state]
  },

  async save(tx, decided, publish, { now }) {
    await saveEffects(tx, publish, mergeEffects(decided.map(({ decision }) => decision.effects)), now)
  },
})

/** Locks invoices, then rewards: the order that everyone keeps to. */
async function load(tx: Transaction, events: readonly Refunded[], { now }: Context): Promise<State> {
  const ids = [...new Set(events.map((event) => event.data.invoiceId))]
  const anchors = await lockOrCreateInvoices(tx, ids, now)
  const rewards = await lockInvoiceRewards(tx, ids)
  const refunds = await listKnownRefunds(
    tx,
    events.map((event) => event.data),
  )
  const invoices = new Map<string, Invoice>()
  for (const [id, invoice] of anchors) {
    invoices.set(id, { ...invoice, rewards: rewards.get(id) ?? [], refunds: refunds.get(id) ?? new Map() })
  }
  const decided = await listDecided(
    tx,
    events.map((event) => event.subject),
  )
  return { invoices, decided }
}

function effectsOf(
  { data }: Refunded,
  event: SenderEvent,
  { verdict, isNew, waits, reversals, trace }: ReturnType<typeof decideRefund>[0],
  newId: () => string,
): Effects {
  const { eventId, because } = event
  const { invoiceId, refundId, amount, currency } = data
  const at = new Date(event.timeMs)
  const { correlationId } = because
  const rewardIds = reversals.map((one) => one.rewardId)
  return {
    ...noEffects,
    refunds: isNew ? [{ invoiceId, refundId, amount, currency, eventId, correlationId, at, waits }] : [],
    reversals: reversals.map((reversal) => ({
      ...reversal,
      transactionId: newId(),
      reason: 'payment_refunded',
      eventId,
      effectiveAt: at,
      because,
    })),
    decisions: [decisionOn(event, { id: newId(), verdict, rewardIds, trace: { invoiceId, ...trace } })],
  }
}
