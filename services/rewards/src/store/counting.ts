import { type Database, query, type Transaction } from '@tributary/database'

/** More conversions than this count as this many: nobody's tiers go further, and counting stays cheap. */
export const CONVERSIONS_MAX = 10_000

/** How many referrals of each referrer converted before each time, by `referrerId/timeMs`. */
export async function countConversions(
  tx: Database | Transaction,
  asked: readonly Readonly<{ referrerId: string; timeMs: number }>[],
): Promise<Map<string, number>> {
  const unique = new Map(asked.map((one) => [`${one.referrerId}/${one.timeMs}`, one]))
  if (unique.size === 0) return new Map()
  const rows = await query<{ referrer_id: string; before: Date; n: number }>(
    tx,
    `select referrer_id, before, (
       select count(*)::int from (
         select from referrals r
         where r.referrer_id = asked.referrer_id and r.converted_at < asked.before limit ?) one) as n
     from unnest(?::uuid[], ?::timestamptz[]) as asked (referrer_id, before)`,
    [
      CONVERSIONS_MAX,
      [...unique.values()].map((one) => one.referrerId),
      [...unique.values()].map((one) => new Date(one.timeMs)),
    ],
  )
  return new Map(rows.map((row) => [`${row.referrer_id}/${row.before.getTime()}`, row.n]))
}

/** A payment as one of its subscription's. */
export type SubscriptionPayment = Readonly<{
  invoiceId: string
  externalUserId: string
  subscriptionId: string
  timeMs: number
}>

/**
 * Which payment of its subscription each is, from 1, by invoice. Those paid before it count, and at the same time by their
 * id; so do those paid after it that were decided already: payments that come late, the newest first, are not all the first.
 * `together` are the invoices that are decided with it.
 */
export async function countPeriods(
  tx: Database | Transaction,
  payments: readonly SubscriptionPayment[],
  together: readonly string[],
): Promise<Map<string, number>> {
  if (payments.length === 0) return new Map()
  const rows = await query<{ invoice_id: string; n: number }>(
    tx,
    `select asked.invoice_id, (
       select count(*)::int from invoices i
       where i.subscription_id = asked.subscription_id and i.external_user_id = asked.external_user_id
         and i.invoice_id <> asked.invoice_id
         and ((i.paid_at, i.invoice_id) < (asked.paid_at, asked.invoice_id)
           or (not i.waits and i.invoice_id <> all(?::text[])))) + 1 as n
     from unnest(?::text[], ?::text[], ?::text[], ?::timestamptz[])
       as asked (invoice_id, external_user_id, subscription_id, paid_at)`,
    [
      together,
      payments.map((one) => one.invoiceId),
      payments.map((one) => one.externalUserId),
      payments.map((one) => one.subscriptionId),
      payments.map((one) => new Date(one.timeMs)),
    ],
  )
  return new Map(rows.map((row) => [row.invoice_id, row.n]))
}

/** When these subscriptions were cancelled first, by `externalUserId/subscriptionId`. */
export async function listCancellations(
  tx: Database | Transaction,
  payments: readonly SubscriptionPayment[],
): Promise<Map<string, number>> {
  if (payments.length === 0) return new Map()
  const rows = await query<{ customer: string; about: string; at: Date }>(
    tx,
    `select payload ->> 'externalUserId' as customer, about, min(happened_at) as at from facts
     where type = 'subscription.cancelled' and about = any(?::text[])
     group by customer, about`,
    [[...new Set(payments.map((one) => one.subscriptionId))]],
  )
  return new Map(rows.map((row) => [`${row.customer}/${row.about}`, row.at.getTime()]))
}
