import { referenceField } from '@tributary/contracts'
import { isCurrency } from '@tributary/money'
import { z } from 'zod'
import { minorUnitsOfDecimal } from '../domain/provider-amounts.ts'
import { type FieldFault, ignored, type Reading, type Translated, type Translation, translated } from './provider.ts'
import { readShape } from './provider-json.ts'

type ShopifyReading = Pick<Reading, 'happenedAt'> & Readonly<{ translate(): Translation }>
type Read = (body: unknown) => ShopifyReading | readonly FieldFault[]

/** Ids go beyond 2^53; those come as the text of their digits. */
const id = z.union([z.int().min(1), z.string().regex(/^[1-9]\d{0,30}$/)]).transform(String)
const decimal = z.string().regex(/^\d{1,15}(\.\d{1,6})?$/, { error: 'must be an amount such as "10.00"' })
const currency = z.string().refine(isCurrency, { error: 'is no currency that we know' })
const time = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .nullish()
// A customer writes these. Whatever they are, the payment counts, so what we cannot take of them is left out or cut.
const text = z.string().nullish()
const customer = z.looseObject({ id, email: text, first_name: text, last_name: text })

const shapes = {
  order: z.looseObject({
    id,
    financial_status: z.string(),
    line_items: z.array(z.unknown()),
    total_price: decimal,
    currency,
    updated_at: time,
    test: z.boolean().nullish(),
    customer: customer.nullish(),
    // What the shop's theme put into the cart.
    note_attributes: z.array(z.looseObject({ name: z.unknown(), value: z.unknown() })).nullish(),
  }),
  refund: z.looseObject({
    id,
    order_id: id,
    processed_at: time,
    created_at: time,
    note: text,
    transactions: z.array(z.looseObject({ kind: z.string(), status: z.string(), amount: decimal, currency })),
  }),
  customer: z.looseObject({
    ...customer.shape,
    created_at: time,
    order_id: z.never().optional(),
    line_items: z.never().optional(),
  }),
}

/** Our events for Shopify's topics, the slash written as a dot. Whatever is not here is kept and ignored. */
export const shopifyTranslations: Readonly<Record<string, Read>> = {
  'orders.paid': of(shapes.order, (order) => ({
    happenedAt: order.updated_at ?? null,
    translate: () => translateOrder(order),
  })),

  'refunds.create': of(shapes.refund, (refund) => ({
    happenedAt: refund.processed_at ?? refund.created_at ?? null,
    translate: () => translateRefund(refund),
  })),

  'customers.create': of(shapes.customer, (one) => ({
    happenedAt: one.created_at ?? null,
    translate: () => translated(registration(one.id, one)),
  })),
}

/** Also a registration where the cart carried a referral code: Shopify has no other place for one. */
function translateOrder(order: z.output<typeof shapes.order>): Translation {
  if (order.test) return ignored('test_order')
  // Signed, unlike the topic.
  if (!['paid', 'partially_refunded', 'refunded'].includes(order.financial_status)) return ignored('not_paid')
  if (!order.customer) return ignored('no_customer')
  if (/^[0.]+$/.test(order.total_price)) return ignored('nothing_paid')
  const externalUserId = attribute(order, 'externalUserId', referenceField) ?? order.customer.id
  const referralCode = attribute(order, 'referralCode', z.string().min(1).max(64))
  const paid = {
    type: 'subscription.paid',
    data: {
      externalUserId,
      invoiceId: order.id,
      // Orders belong to no subscription: those of a customer count as one, so that the first of them is period 1.
      subscriptionId: `customer:${order.customer.id}`,
      ...money(order.total_price, order.currency),
    },
  }
  if (referralCode === undefined) return translated(paid)
  return translated(registration(externalUserId, order.customer, referralCode), paid)
}

function translateRefund({ id: refundId, order_id: invoiceId, note, transactions }: z.output<typeof shapes.refund>) {
  // What is on its way back counts as gone; what failed does not.
  const back = transactions.filter(({ kind, status }) => kind === 'refund' && ['success', 'pending'].includes(status))
  const [first] = back
  if (!first) return ignored('nothing_refunded')
  if (back.some((one) => one.currency !== first.currency)) return ignored('refund_in_several_currencies')
  const parts = back.map((one) => minorUnitsOfDecimal(one.amount, one.currency))
  const sum = parts.includes(null) ? null : parts.reduce<bigint>((total, part) => total + part!, 0n)
  if (sum === 0n) return ignored('nothing_refunded')
  const reason = note ? { reason: cut(note, 500) } : {}
  const data = { invoiceId, refundId, amount: sum === null ? null : Number(sum), currency: first.currency, ...reason }
  return translated({ type: 'payment.refunded', data })
}

function registration(externalUserId: string, one: z.output<typeof customer>, referralCode?: string): Translated {
  const name = cut([one.first_name, one.last_name].filter(Boolean).join(' '), 200)
  const data = {
    externalUserId,
    ...(one.email && one.email.length <= 320 ? { email: one.email } : {}),
    ...(name ? { name } : {}),
    ...(referralCode === undefined ? {} : { referralCode }),
  }
  return { type: 'user.registered', data }
}

function attribute(order: z.output<typeof shapes.order>, name: string, shape: z.ZodType<string>): string | undefined {
  const value = order.note_attributes?.find((one) => one.name === name)?.value
  return shape.safeParse(typeof value === 'string' ? value.trim() : value).data
}

/** The beginning of a text, without half of a surrogate pair at its end. */
function cut(text: string, lengthMax: number): string {
  return text.slice(0, lengthMax).replace(/[\ud800-\udbff]$/, '')
}

/** Where the amount does not fit its currency: null, which no event of ours takes. */
function money(text: string, code: z.output<typeof currency>) {
  const exact = minorUnitsOfDecimal(text, code)
  return { amount: exact === null ? null : Number(exact), currency: code }
}

function of<Shape extends z.ZodType>(shape: Shape, read: (body: z.output<Shape>) => ShopifyReading): Read {
  return (body) => {
    const parsed = readShape(shape, body)
    return 'value' in parsed ? read(parsed.value as z.output<Shape>) : (parsed as readonly FieldFault[])
  }
}
