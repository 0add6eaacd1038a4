import { isCurrency } from '@tributary/money'
import { z } from 'zod'
import { minorUnitsOfStripe } from '../domain/provider-amounts.ts'
import { type FieldFault, ignored, type Reading, type Reference, type Translation, translated } from './provider.ts'
import { readShape } from './provider-json.ts'

/** What a Stripe event means, but for what all events have. */
export type StripeReading = Pick<Reading, 'translate'> & Partial<Pick<Reading, 'teaches' | 'asks'>>
type Read = (data: unknown) => StripeReading | readonly FieldFault[]

const id = z.string().min(1).max(200)
/** Stripe writes an object's id, or the object itself where the endpoint expands it. */
const idOf = z.union([id, z.looseObject({ id }).transform((object) => object.id)])
const optionalId = idOf.nullish()
const metadata = z.record(z.string(), z.string()).nullish()
const amount = z.int().min(0)
const currency = z
  .string()
  .transform((code) => code.toUpperCase())
  .refine(isCurrency, { error: 'is no currency that we know' })

const subscriptionDetails = z.looseObject({ subscription: optionalId, metadata }).nullish()
const payment = z.looseObject({ payment_intent: optionalId, charge: optionalId }).nullish()
const text = z.string().max(500).nullish()

const shapes = {
  invoice: z.looseObject({
    id,
    amount_paid: amount,
    currency,
    customer: optionalId,
    metadata,
    // Up to 2025-02-24.acacia; then `parent.subscription_details`, and no charge and no payment intent.
    subscription: optionalId,
    subscription_details: subscriptionDetails,
    charge: optionalId,
    payment_intent: optionalId,
    parent: z.looseObject({ subscription_details: subscriptionDetails }).nullish(),
  }),
  invoicePayment: z.looseObject({ invoice: idOf, payment }),
  charge: z.looseObject({
    id,
    amount_refunded: amount,
    currency,
    payment_intent: optionalId,
    // Up to 2025-02-24.acacia: null where the charge was for no invoice.
    invoice: optionalId,
  }),
  dispute: z.looseObject({ id, charge: optionalId, payment_intent: optionalId, status: z.string(), amount, currency }),
  subscription: z.looseObject({
    id,
    customer: optionalId,
    metadata,
    cancellation_details: z.looseObject({ reason: text }).nullish(),
  }),
}

/** Our events for Stripe's. Whatever is not here is kept and ignored. One of ours for each of theirs: docs/adapters.md says why. */
export const stripeTranslations: Readonly<Record<string, Read>> = {
  'invoice.paid': of(shapes.invoice, (invoice) => {
    const details = invoice.parent?.subscription_details ?? invoice.subscription_details
    const subscriptionId = details?.subscription ?? invoice.subscription
    const teaches = [invoice.payment_intent, invoice.charge].flatMap(meaning(invoice.id))
    if (!subscriptionId) return { teaches, translate: () => ignored('no_subscription') }
    if (invoice.amount_paid === 0) return { teaches, translate: () => ignored('nothing_paid') }
    const externalUserId = externalUser([invoice.metadata, details?.metadata], invoice.customer)
    if (!externalUserId) return { teaches, translate: () => ignored('no_customer') }
    const paid = {
      externalUserId,
      invoiceId: invoice.id,
      subscriptionId,
      ...money(invoice.amount_paid, invoice.currency),
    }
    return { teaches, translate: () => translated({ type: 'subscription.paid', data: paid }) }
  }),

  // From 2025-03-31.basil on, nothing else says which payment an invoice was paid with.
  'invoice_payment.paid': of(shapes.invoicePayment, ({ invoice, payment: by }) => ({
    teaches: [by?.payment_intent, by?.charge].flatMap(meaning(invoice)),
    translate: () => ignored('tells_what_a_payment_was_for'),
  })),

  'charge.refunded': (data) => {
    const before = readShape(
      z.looseObject({ previous_attributes: z.looseObject({ amount_refunded: amount }) }),
      data,
      '/data',
    )
    if (!('value' in before)) return before
    const { amount_refunded: amountBefore } = before.value.previous_attributes
    return of(shapes.charge, (charge) => {
      const { id: chargeId, invoice, amount_refunded: total } = charge
      if (invoice === null) return { translate: () => ignored('no_invoice') }
      if (total === amountBefore) return { translate: () => ignored('nothing_refunded') }
      // The charge names no refund, and what it says is the sum of them all: a refund is known by the sum it led to.
      const refund = { refundId: `${chargeId}:${total}`, ...money(total - amountBefore, charge.currency) }
      return aboutInvoice([invoice, charge.payment_intent, chargeId], (invoiceId) =>
        translated({ type: 'payment.refunded', data: { invoiceId, ...refund } }),
      )
    })(data)
  },

  'charge.dispute.created': of(shapes.dispute, disputed),
  'charge.dispute.updated': of(shapes.dispute, disputed),
  'charge.dispute.closed': of(shapes.dispute, disputed),

  'customer.subscription.deleted': of(shapes.subscription, (subscription) => {
    const externalUserId = externalUser([subscription.metadata], subscription.customer)
    if (!externalUserId) return { translate: () => ignored('no_customer') }
    const reason = subscription.cancellation_details?.reason
    const data = { externalUserId, subscriptionId: subscription.id, ...(reason ? { reason } : {}) }
    return { translate: () => translated({ type: 'subscription.cancelled', data }) }
  }),
}

const disputeStatuses: Readonly<Record<string, string>> = {
  needs_response: 'opened',
  under_review: 'opened',
  won: 'won',
  lost: 'lost',
}

function disputed(dispute: z.output<typeof shapes.dispute>): StripeReading {
  const status = Object.hasOwn(disputeStatuses, dispute.status) ? disputeStatuses[dispute.status] : undefined
  // warning_*: a bank asks, and no money has moved; prevented: it never became a dispute; appeal_*: after the ruling.
  if (status === undefined) return { translate: () => ignored('dispute_changes_nothing') }
  const data = { disputeId: dispute.id, status, ...money(dispute.amount, dispute.currency) }
  return aboutInvoice([dispute.payment_intent, dispute.charge], (invoiceId) =>
    translated({ type: 'payment.disputed', data: { invoiceId, ...data } }),
  )
}

/** Translates what names an invoice itself, or a payment of which another event has told the invoice. */
function aboutInvoice(
  names: readonly (string | null | undefined)[],
  make: (invoiceId: string) => Translation,
): StripeReading {
  const asks = names.filter((name) => typeof name === 'string')
  return {
    asks,
    translate(known) {
      const invoiceId = asks.map((name) => (name.startsWith('in_') ? name : known.get(name))).find(Boolean)
      if (invoiceId !== undefined) return make(invoiceId)
      return {
        kind: 'unknown',
        reason: 'invoice_unknown',
        detail: `no event has told the invoice of ${asks.join(', ')}`,
      }
    },
  }
}

const meaning =
  (invoiceId: string) =>
  (name: string | null | undefined): Reference[] =>
    name ? [{ name, means: invoiceId }] : []

/** Who the customer is to the app: what it wrote into metadata itself, else Stripe's own id of the customer. */
function externalUser(
  sources: readonly z.output<typeof metadata>[],
  customer: string | null | undefined,
): string | null {
  const stated = sources.map((one) => one?.externalUserId).find((name) => name !== undefined && name !== '')
  return stated ?? customer ?? null
}

/** Where the amount would have to be rounded it is left as it is not: null, which no event of ours takes. */
function money(units: number, code: z.output<typeof currency>) {
  const exact = minorUnitsOfStripe(BigInt(units), code)
  return { amount: exact === null ? null : Number(exact), currency: code }
}

function of<Shape extends z.ZodType>(shape: Shape, read: (object: z.output<Shape>) => StripeReading): Read {
  const whole = z.looseObject({ object: shape })
  return (data) => {
    const parsed = readShape(whole, data, '/data')
    return 'value' in parsed
      ? read((parsed.value as { object: z.output<Shape> }).object)
      : (parsed as readonly FieldFault[])
  }
}
