import { describe, expect, it } from 'vitest'
import { checkData } from '../http/webhook-payload.ts'
import { isFaulty } from './provider.ts'
import { shopify } from './shopify.ts'

const order = {
  id: 1,
  financial_status: 'paid',
  line_items: [],
  total_price: '10.00',
  currency: 'USD',
  customer: { id: 7, email: 'ann@example.com', first_name: 'Ann', last_name: null },
}
const refund = (...transactions: object[]) => ({ id: 3, order_id: 1, transactions })
const back = { kind: 'refund', status: 'success', amount: '4.00', currency: 'USD' }

const read = (topic: string, body: object | string) =>
  shopify.read(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), { 'x-shopify-topic': topic })

function meaning(topic: string, body: object | string) {
  const reading = read(topic, body)
  if (isFaulty(reading)) return reading
  return reading.translate(new Map())
}

describe('an order', () => {
  it('is a payment of its customer', () => {
    expect(meaning('orders/paid', order)).toEqual({
      kind: 'events',
      events: [
        {
          type: 'subscription.paid',
          data: { externalUserId: '7', invoiceId: '1', subscriptionId: 'customer:7', amount: 1000, currency: 'USD' },
        },
      ],
    })
  })

  it('with a code in its cart is a registration first, of the same user', () => {
    const note_attributes = [
      { name: 'referralCode', value: ' friend ' },
      { name: 'externalUserId', value: 'u-1' },
    ]
    expect(meaning('orders/paid', { ...order, note_attributes })).toMatchObject({
      events: [
        { type: 'user.registered', data: { externalUserId: 'u-1', referralCode: 'friend', name: 'Ann' } },
        { type: 'subscription.paid', data: { externalUserId: 'u-1' } },
      ],
    })
  })

  it.each<[string, object, object, object]>([
    ['a code that is too long', {}, { name: 'referralCode', value: 'x'.repeat(65) }, { externalUserId: '7' }],
    ['an id that is too long', {}, { name: 'externalUserId', value: 'x'.repeat(201) }, { externalUserId: '7' }],
    ['an id in two lines', {}, { name: 'externalUserId', value: 'a\nb' }, { externalUserId: '7' }],
    ['an attribute without a name', {}, { name: null, value: 'x' }, { externalUserId: '7' }],
    ['a long name', { first_name: 'x'.repeat(999) }, { name: 'referralCode', value: 'f' }, { name: 'x'.repeat(200) }],
    [
      'a name whose 200th character is half of one',
      { first_name: `${'x'.repeat(199)}🎁` },
      { name: 'referralCode', value: 'f' },
      { name: 'x'.repeat(199) },
    ],
    [
      'a mail address that is too long',
      { email: 'x'.repeat(321) },
      { name: 'referralCode', value: 'f' },
      { externalUserId: '7' },
    ],
  ])('counts whatever its customer wrote: %s', (_, written, note, expected) => {
    const found = meaning('orders/paid', {
      ...order,
      customer: { ...order.customer, ...written },
      note_attributes: [note],
    })
    if (!('kind' in found) || found.kind !== 'events') throw new Error(JSON.stringify(found))
    expect(found.events.map(({ type, data }) => checkData(type, data))).toEqual(found.events.map(() => []))
    expect(found.events.at(-1)).toMatchObject({ type: 'subscription.paid' })
    expect(found.events[0]).toMatchObject({ data: expected })
  })

  it.each([
    ['test_order', { ...order, test: true }],
    ['not_paid', { ...order, financial_status: 'pending' }],
    ['no_customer', { ...order, customer: null }],
    ['nothing_paid', { ...order, total_price: '0.00' }],
  ])('is ignored: %s', (reason, body) => {
    expect(meaning('orders/paid', body)).toEqual({ kind: 'ignored', reason })
  })

  it('keeps all digits of ids that a double cannot hold', () => {
    const body = JSON.stringify(order).replace('"id":1,', '"id":820982911946154508,')
    expect(meaning('orders/paid', body)).toMatchObject({ events: [{ data: { invoiceId: '820982911946154508' } }] })
  })

  it.each(['10.001', '-10.00', '1e3', 10, null])('of %j is refused, or is no amount of ours', (total_price) => {
    const found = meaning('orders/paid', { ...order, total_price })
    if ('kind' in found) expect(found).toMatchObject({ events: [{ data: { amount: null } }] })
    else expect(found).toMatchObject([{ path: '/total_price' }])
  })
})

describe('a refund', () => {
  it('is the sum of what went back or is on its way', () => {
    const body = refund(
      back,
      { ...back, status: 'pending', amount: '0.29' },
      { ...back, status: 'failure' },
      { ...back, kind: 'void' },
    )
    expect(meaning('refunds/create', body)).toMatchObject({
      events: [{ type: 'payment.refunded', data: { invoiceId: '1', refundId: '3', amount: 429, currency: 'USD' } }],
    })
  })

  it.each([
    ['nothing_refunded', refund()],
    ['nothing_refunded', refund({ ...back, amount: '0.00' })],
    ['refund_in_several_currencies', refund(back, { ...back, currency: 'EUR' })],
  ])('is ignored: %s', (reason, body) => expect(meaning('refunds/create', body)).toEqual({ kind: 'ignored', reason }))
})

describe('a topic', () => {
  it('is believed only of a body of its shape', () => {
    expect(meaning('customers/create', order)).toMatchObject([{ path: '/line_items' }])
    expect(isFaulty(read('orders/paid', refund(back)))).toBe(true)
    expect(isFaulty(read('refunds/create', order))).toBe(true)
  })

  it.each(['orders/create', '', 'orders/paid, orders/paid', 'constructor/x', '../etc'])('%j is ignored', (topic) => {
    expect(meaning(topic, order)).toEqual({ kind: 'ignored', reason: 'topic_not_translated' })
  })

  it('that is not translated never takes the key of one that is', () => {
    const keyOf = (topic: string, body: object) => (read(topic, body) as { key: string | null }).key
    expect(keyOf('orders/paid', order)).toBeNull()
    expect(keyOf('orders/create', order)).toMatch(/^ignored:[0-9a-f]{64}$/)
    expect(keyOf('orders/paid', { ...order, test: true })).toMatch(/^ignored:/)
  })
})
