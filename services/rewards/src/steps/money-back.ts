import type { Because } from '@tributary/messaging'
import { disputeVerdict, isIn } from '../domain/dispute.ts'
import type { Hold } from '../domain/hold.ts'
import { goneOf, type Invoice, type InvoiceChanges, type Payment } from '../domain/invoice.ts'
import { type MoneyBackDecision, refundVerdict, touchedBy } from '../domain/money-back.ts'
import type { Verdict } from '../domain/verdict.ts'
import type { WaitingDispute } from '../store/disputes.ts'
import type { WaitingRefund } from '../store/refunds.ts'
import type { Effects } from './effects.ts'
import { decisionOn, type SenderEvent } from './sender-event.ts'

/** Which event an effect goes back to, and why. */
type Cause = Readonly<{ reason: string; eventId: string; effectiveAt: Date; because: Because }>

/** The effects of a refund or a dispute that has just arrived, without the row that remembers it. */
export function moneyBackEffects(
  event: SenderEvent,
  { verdict, changes, trace }: MoneyBackDecision,
  { invoiceId, reason, newId }: Readonly<{ invoiceId: string; reason: string; newId: () => string }>,
): Pick<Effects, 'reversals' | 'holds' | 'decisions'> {
  const { eventId, because } = event
  const cause = { reason, eventId, effectiveAt: new Date(event.timeMs), because }
  const rewardIds = [...new Set([...changes.reversals, ...changes.holds].map((one) => one.rewardId))]
  return {
    ...changeEffects(changes, cause, () => cause, newId),
    decisions: [decisionOn(event, { id: newId(), verdict, rewardIds, trace: { invoiceId, ...trace } })],
  }
}

function changeEffects(
  { reversals, holds }: Pick<InvoiceChanges, 'reversals' | 'holds'>,
  reversedFor: Cause,
  heldFor: (hold: Hold) => Cause,
  newId: () => string,
): Pick<Effects, 'reversals' | 'holds'> {
  return {
    reversals: reversals.map((reversal) => ({ ...reversal, ...reversedFor, transactionId: newId() })),
    holds: holds.map(({ rewardId, change }) => ({
      ...heldFor(change.hold),
      rewardId,
      change,
      id: newId(),
      transactionId: newId(),
    })),
  }
}

/** What came before its payment was decided. */
export type WaitingMoneyBack = Readonly<{ refunds: readonly WaitingRefund[]; disputes: readonly WaitingDispute[] }>

type Settled = Pick<Effects, 'reversals' | 'holds' | 'settledRefunds' | 'settledDisputes' | 'decisions'>
type Waited = Pick<WaitingDispute, 'eventId' | 'correlationId' | 'at' | 'revision'>

/**
 * Each refund and dispute that waited gets a second answer. What they take back together is one movement a reward, told
 * as the doing of the newest of those that asked for most: the sum depends on what is known alone.
 */
export function settleWaiting(
  event: SenderEvent,
  invoice: Invoice & { payment: Payment },
  changes: InvoiceChanges,
  { refunds, disputes }: WaitingMoneyBack,
  newId: () => string,
): Settled {
  const { payment } = invoice
  const causeOf = (waited: Waited | undefined, reason: string): Cause => ({
    reason,
    eventId: waited?.eventId ?? event.eventId,
    effectiveAt: waited?.at ?? new Date(event.timeMs),
    because: becauseOf(event, waited),
  })
  const isRefund = (invoice.refunded.get(payment.currency) ?? 0n) >= goneOf(invoice)
  const reversedFor = isRefund
    ? causeOf(
        refunds.findLast((one) => one.currency === payment.currency),
        'payment_refunded',
      )
    : causeOf(
        disputes.findLast((one) => one.status === 'lost' && isIn(one, payment)),
        'dispute_lost',
      )
  const heldFor = (hold: Hold): Cause =>
    causeOf(
      disputes.find((one) => one.status === 'opened' && hold === `dispute:${one.disputeId}`),
      'dispute_opened',
    )
  const again = (waited: Waited, type: string, verdict: Verdict, touched: readonly string[]) =>
    secondAnswer(event, invoice, { ...waited, type }, { id: newId(), verdict, touched })
  return {
    ...changeEffects(changes, reversedFor, heldFor, newId),
    settledRefunds: refunds.map((one) => ({ ...one, revision: one.revision + 1 })),
    settledDisputes: disputes.map((one) => ({ ...one, revision: one.revision + 1 })),
    decisions: [
      ...refunds.map((one) => {
        const taken = changes.reversals.map(({ rewardId }) => rewardId)
        return again(one, 'payment.refunded', refundVerdict(payment, one.currency, changes), taken)
      }),
      ...disputes.map((one) => {
        const touched = touchedBy(one, changes)
        const counts = { rewards: changes.rewards.length, touched: touched.length }
        return again(one, 'payment.disputed', disputeVerdict(invoice.disputes, payment, one, counts), touched)
      }),
    ],
  }
}

function secondAnswer(
  event: SenderEvent,
  invoice: Invoice,
  { eventId, type, at, revision, ...waited }: Waited & { type: string },
  { id, verdict, touched }: Readonly<{ id: string; verdict: Verdict; touched: readonly string[] }>,
): Effects['decisions'][number] {
  const externalUserId = invoice.payment?.externalUserId ?? null
  const because = becauseOf(event, waited)
  const again = { eventId, type, timeMs: at.getTime(), externalUserId, revision: revision + 1, because }
  const rewardIds = verdict.outcome === 'processed' ? touched : []
  return decisionOn(again, { id, verdict, rewardIds, trace: { paymentEventId: event.eventId } })
}

function becauseOf({ because }: SenderEvent, waited: Pick<Waited, 'correlationId'> | undefined): Because {
  return {
    correlationId: waited?.correlationId ?? because.correlationId,
    subject: because.subject,
    traceparent: because.traceparent ?? null,
  }
}
