import { query, type Transaction } from '@tributary/database'
import type { Refund } from '../domain/invoice.ts'

export type NewRefund = Refund &
  Readonly<{
    invoiceId: string
    eventId: string
    correlationId: string
    at: Date
    /** Its event is decided again once the payment is. */
    waits: boolean
  }>

export async function insertRefunds(tx: Transaction, refunds: readonly NewRefund[], now: Date): Promise<void> {
  await query(
    tx,
    `insert into refunds (invoice_id, refund_id, amount, currency, event_id, correlation_id, refunded_at, waits, revision, recorded_at)
     select new.*, 1, ?::timestamptz from unnest(
       ?::text[], ?::text[], ?::bigint[], ?::text[], ?::uuid[], ?::uuid[], ?::timestamptz[], ?::boolean[]) as new`,
    [
      now,
      refunds.map((one) => one.invoiceId),
      refunds.map((one) => one.refundId),
      refunds.map((one) => one.amount),
      refunds.map((one) => one.currency),
      refunds.map((one) => one.eventId),
      refunds.map((one) => one.correlationId),
      refunds.map((one) => one.at),
      refunds.map((one) => one.waits),
    ],
  )
}

/** Those of these refunds that are known, by invoice. */
export async function listKnownRefunds(
  tx: Transaction,
  asked: readonly { invoiceId: string; refundId: string }[],
): Promise<Map<string, Map<string, Refund>>> {
  const rows = await query<Refund & { invoiceId: string }>(
    tx,
    `select invoice_id as "invoiceId", refund_id as "refundId", amount, currency
     from refunds join unnest(?::text[], ?::text[]) as asked (invoice_id, refund_id) using (invoice_id, refund_id)`,
    [asked.map((one) => one.invoiceId), asked.map((one) => one.refundId)],
  )
  const known = new Map<string, Map<string, Refund>>()
  for (const { invoiceId, ...refund } of rows) {
    const ofInvoice = known.get(invoiceId) ?? new Map<string, Refund>()
    known.set(invoiceId, ofInvoice.set(refund.refundId, refund))
  }
  return known
}

/** A refund that came before its payment was decided. */
export type WaitingRefund = Readonly<{
  invoiceId: string
  refundId: string
  amount: bigint
  currency: string
  eventId: string
  correlationId: string
  at: Date
  revision: number
}>

/** How many waiting refunds of a batch of invoices get their second answer; what is taken back never depends on it. */
const WAITING_REFUNDS_MAX = 2_000

/** By invoice, in the order in which they happened. */
export async function listWaitingRefunds(
  tx: Transaction,
  invoiceIds: readonly string[],
): Promise<Map<string, WaitingRefund[]>> {
  const waiting = new Map<string, WaitingRefund[]>()
  if (invoiceIds.length === 0) return waiting
  const rows = await query<WaitingRefund>(
    tx,
    `select invoice_id as "invoiceId", refund_id as "refundId", amount, currency, event_id as "eventId",
       correlation_id as "correlationId", refunded_at as at, revision
     from refunds where invoice_id = any(?::text[]) and waits order by refunded_at, refund_id limit ?`,
    [invoiceIds, WAITING_REFUNDS_MAX],
  )
  for (const row of rows) {
    const list = waiting.get(row.invoiceId)
    if (list) list.push(row)
    else waiting.set(row.invoiceId, [row])
  }
  return waiting
}

/** Notes that refunds wait no longer, and the revision of the answer they got. */
export async function settleRefunds(
  tx: Transaction,
  refunds: readonly { invoiceId: string; refundId: string; revision: number }[],
): Promise<void> {
  await query(
    tx,
    `update refunds set waits = false, revision = new.revision
     from unnest(?::text[], ?::text[], ?::int[]) as new (invoice_id, refund_id, revision)
     where refunds.invoice_id = new.invoice_id and refunds.refund_id = new.refund_id`,
    [refunds.map((one) => one.invoiceId), refunds.map((one) => one.refundId), refunds.map((one) => one.revision)],
  )
}
