import { query, type Transaction } from '@tributary/database'
import { type Invoice, type Payment, unknownInvoice } from '../domain/invoice.ts'
import { listDisputes } from './disputes.ts'

/** A payment on its invoice, as it is kept. */
export type InvoicePayment = Payment &
  Readonly<{ invoiceId: string; period: number | null; eventId: string; waits: boolean }>

const bindingsOf = (payments: readonly InvoicePayment[]) => [
  payments.map((one) => one.invoiceId),
  payments.map((one) => one.externalUserId),
  payments.map((one) => one.subscriptionId),
  payments.map((one) => one.amount),
  payments.map((one) => one.currency),
  payments.map((one) => one.period),
  payments.map((one) => new Date(one.timeMs)),
  payments.map((one) => one.eventId),
  payments.map((one) => one.waits),
]

const rowsOf =
  'unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::int[], ?::timestamptz[], ?::uuid[], ?::boolean[])'
const paymentColumns =
  'invoice_id, external_user_id, subscription_id, amount, currency, period, paid_at, event_id, waits'

/**
 * Creates the anchors of invoices together with their payment, and answers which were new; those are locked by that.
 * Where an anchor was there before, nothing is written. `alsoIds` get an anchor, too, without a payment: all in one
 * order, so that two batches never wait for each other's.
 */
export async function insertPayments(
  tx: Transaction,
  payments: readonly InvoicePayment[],
  now: Date,
  alsoIds: readonly string[] = [],
): Promise<Set<string>> {
  if (payments.length + alsoIds.length === 0) return new Set()
  const paid = new Set(payments.map((one) => one.invoiceId))
  const rows = await query<{ invoice_id: string }>(
    tx,
    `insert into invoices (${paymentColumns}, seen_at)
     select *, ?::timestamptz from (
       select * from ${rowsOf} as new (${paymentColumns})
       union all select id, null, null, null, null, null, null, null, false from unnest(?::text[]) id
     ) anchors order by invoice_id
     on conflict do nothing returning invoice_id`,
    [now, ...bindingsOf(payments), [...new Set(alsoIds)].filter((id) => !paid.has(id))],
  )
  return new Set(rows.map((row) => row.invoice_id).filter((id) => paid.has(id)))
}

/** Writes payments onto anchors that were there before; they are locked. */
export async function updatePayments(tx: Transaction, payments: readonly InvoicePayment[]): Promise<void> {
  await query(
    tx,
    `update invoices set external_user_id = new.external_user_id, subscription_id = new.subscription_id,
       amount = new.amount, currency = new.currency, period = new.period, paid_at = new.paid_at,
       event_id = new.event_id, waits = new.waits
     from ${rowsOf} as new (${paymentColumns}) where invoices.invoice_id = new.invoice_id`,
    bindingsOf(payments),
  )
}

/** Locks these anchors, creating what is missing. */
export async function lockOrCreateInvoices(
  tx: Transaction,
  invoiceIds: readonly string[],
  now: Date,
): Promise<Map<string, Invoice>> {
  const invoices = await lockInvoices(tx, invoiceIds)
  const missing = invoiceIds.filter((id) => !invoices.has(id))
  if (missing.length > 0) {
    await query(
      tx,
      `insert into invoices (invoice_id, seen_at)
       select id, ?::timestamptz from unnest(?::text[]) id order by id on conflict do nothing`,
      [now, missing],
    )
    for (const [id, invoice] of await lockInvoices(tx, missing)) invoices.set(id, invoice)
  }
  return invoices
}

type InvoiceRow = Readonly<{
  invoice_id: string
  external_user_id: string | null
  subscription_id: string
  amount: bigint
  currency: string
  paid_at: Date
  waits: boolean
}>

/** Locks these anchors, sorted, and answers payments, totals of refunds, and disputes. Rewards and single refunds are not read. */
export async function lockInvoices(tx: Transaction, invoiceIds: readonly string[]): Promise<Map<string, Invoice>> {
  if (invoiceIds.length === 0) return new Map()
  const rows = await query<InvoiceRow>(
    tx,
    `select invoice_id, external_user_id, subscription_id, amount, currency, paid_at, waits from invoices
     where invoice_id = any(?::text[]) order by invoice_id for no key update`,
    [invoiceIds],
  )
  // After the locks are held, so that nothing is missed.
  const ids = rows.map((row) => row.invoice_id)
  const totals = await listTotals(tx, ids)
  const disputes = await listDisputes(tx, ids)
  return new Map(
    rows.map((row) => [
      row.invoice_id,
      {
        ...unknownInvoice,
        payment: paymentOf(row),
        waits: row.waits,
        refunded: totals.get(row.invoice_id) ?? new Map(),
        disputes: disputes.get(row.invoice_id) ?? new Map(),
      },
    ]),
  )
}

function paymentOf(row: InvoiceRow): Payment | null {
  if (row.external_user_id === null) return null
  return {
    externalUserId: row.external_user_id,
    subscriptionId: row.subscription_id,
    amount: row.amount,
    currency: row.currency,
    timeMs: row.paid_at.getTime(),
  }
}

async function listTotals(tx: Transaction, invoiceIds: readonly string[]): Promise<Map<string, Map<string, bigint>>> {
  const totals = new Map<string, Map<string, bigint>>()
  if (invoiceIds.length === 0) return totals
  const rows = await query<{ invoice_id: string; currency: string; total: string }>(
    tx,
    // Text, since a sum of bigints is a numeric.
    `select invoice_id, currency, sum(amount)::text as total from refunds where invoice_id = any(?::text[])
     group by invoice_id, currency`,
    [invoiceIds],
  )
  for (const { invoice_id, currency, total } of rows) {
    const ofInvoice = totals.get(invoice_id) ?? new Map<string, bigint>()
    totals.set(invoice_id, ofInvoice.set(currency, BigInt(total)))
  }
  return totals
}
