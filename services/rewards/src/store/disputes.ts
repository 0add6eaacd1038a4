import { query, type Transaction } from '@tributary/database'
import type { DisputeNotice, DisputeStatus, Disputes } from '../domain/dispute.ts'

export type NewDispute = DisputeNotice &
  Readonly<{
    invoiceId: string
    eventId: string
    correlationId: string
    at: Date
    /** Its event is decided again once the payment is. */
    waits: boolean
  }>

export async function insertDisputes(tx: Transaction, disputes: readonly NewDispute[], now: Date): Promise<void> {
  await query(
    tx,
    `insert into disputes (invoice_id, dispute_id, status, amount, currency, event_id, correlation_id, disputed_at, waits,
       revision, recorded_at)
     select new.*, 1, ?::timestamptz from unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::uuid[],
       ?::uuid[], ?::timestamptz[], ?::boolean[]) as new`,
    [
      now,
      disputes.map((one) => one.invoiceId),
      disputes.map((one) => one.disputeId),
      disputes.map((one) => one.status),
      disputes.map((one) => one.amount),
      disputes.map((one) => one.currency),
      disputes.map((one) => one.eventId),
      disputes.map((one) => one.correlationId),
      disputes.map((one) => one.at),
      disputes.map((one) => one.waits),
    ],
  )
}

/** All that was said of these invoices' disputes, by invoice. Their anchors are locked; their number has a bound. */
export async function listDisputes(tx: Transaction, invoiceIds: readonly string[]): Promise<Map<string, Disputes>> {
  const rows = await query<DisputeNotice & { invoiceId: string }>(
    tx,
    `select invoice_id as "invoiceId", dispute_id as "disputeId", status, amount, currency
     from disputes where invoice_id = any(?::text[]) order by invoice_id, dispute_id`,
    [invoiceIds],
  )
  const disputes = new Map<string, Map<string, Map<DisputeStatus, DisputeNotice>>>()
  for (const { invoiceId, ...notice } of rows) {
    const ofInvoice = disputes.get(invoiceId) ?? new Map<string, Map<DisputeStatus, DisputeNotice>>()
    const notices = ofInvoice.get(notice.disputeId) ?? new Map<DisputeStatus, DisputeNotice>()
    disputes.set(invoiceId, ofInvoice.set(notice.disputeId, notices.set(notice.status, notice)))
  }
  return disputes
}

/** What was said of a dispute before its payment was decided. */
export type WaitingDispute = DisputeNotice &
  Readonly<{ invoiceId: string; eventId: string; correlationId: string; at: Date; revision: number }>

/** How many waiting notices of a batch of invoices get their second answer; what becomes of rewards never depends on it. */
const WAITING_DISPUTES_MAX = 2_000

/** By invoice, in the order in which they happened. */
export async function listWaitingDisputes(
  tx: Transaction,
  invoiceIds: readonly string[],
): Promise<Map<string, WaitingDispute[]>> {
  if (invoiceIds.length === 0) return new Map()
  const rows = await query<WaitingDispute>(
    tx,
    `select invoice_id as "invoiceId", dispute_id as "disputeId", status, amount, currency, event_id as "eventId",
       correlation_id as "correlationId", disputed_at as at, revision
     from disputes where invoice_id = any(?::text[]) and waits order by disputed_at, event_id limit ?`,
    [invoiceIds, WAITING_DISPUTES_MAX],
  )
  return Map.groupBy(rows, (row) => row.invoiceId)
}

export type SettledDispute = Readonly<{
  invoiceId: string
  disputeId: string
  status: DisputeStatus
  revision: number
}>

/** Notes that notices wait no longer, and the revision of the answer they got. */
export async function settleDisputes(tx: Transaction, disputes: readonly SettledDispute[]): Promise<void> {
  await query(
    tx,
    `update disputes set waits = false, revision = new.revision
     from unnest(?::text[], ?::text[], ?::text[], ?::int[]) as new (invoice_id, dispute_id, status, revision)
     where (disputes.invoice_id, disputes.dispute_id, disputes.status) = (new.invoice_id, new.dispute_id, new.status)`,
    [
      disputes.map((one) => one.invoiceId),
      disputes.map((one) => one.disputeId),
      disputes.map((one) => one.status),
      disputes.map((one) => one.revision),
    ],
  )
}
