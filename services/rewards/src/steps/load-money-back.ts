import type { Transaction } from '@tributary/database'
import type { LoadContext } from '@tributary/messaging'
import type { Invoice, Refund } from '../domain/invoice.ts'
import { listWaitingDisputes } from '../store/disputes.ts'
import { lockInvoiceRewards } from '../store/invoice-rewards.ts'
import { lockOrCreateInvoices } from '../store/invoices.ts'
import { listKnownRefunds, listWaitingRefunds } from '../store/refunds.ts'
import { lockAnchors } from './lock-anchors.ts'
import type { WaitingMoneyBack } from './money-back.ts'

/** Locks invoices, then rewards: the order that everyone keeps to. Of single refunds only those asked for are read. */
export async function loadMoneyBack(
  tx: Transaction,
  events: readonly Readonly<{ data: Readonly<{ invoiceId: string; refundId?: string }> }>[],
  context: LoadContext,
): Promise<Map<string, Invoice>> {
  await lockAnchors(tx, context)
  const ids = [...new Set(events.map(({ data }) => data.invoiceId))]
  const anchors = await lockOrCreateInvoices(tx, ids, context.now)
  const rewards = await lockInvoiceRewards(tx, ids)
  const asked = events.flatMap(({ data: { invoiceId, refundId } }) =>
    refundId === undefined ? [] : [{ invoiceId, refundId }],
  )
  const refunds = asked.length === 0 ? new Map<string, Map<string, Refund>>() : await listKnownRefunds(tx, asked)
  return new Map(
    [...anchors].map(([id, invoice]) => [
      id,
      { ...invoice, rewards: rewards.get(id) ?? [], refunds: refunds.get(id) ?? new Map() },
    ]),
  )
}

/** Reads the refunds and disputes that came before these invoices' payments were decided. */
export async function loadWaitingMoneyBack(
  tx: Transaction,
  invoiceIds: readonly string[],
): Promise<(invoiceId: string) => WaitingMoneyBack> {
  const refunds = await listWaitingRefunds(tx, invoiceIds)
  const disputes = await listWaitingDisputes(tx, invoiceIds)
  return (invoiceId) => ({ refunds: refunds.get(invoiceId) ?? [], disputes: disputes.get(invoiceId) ?? [] })
}
