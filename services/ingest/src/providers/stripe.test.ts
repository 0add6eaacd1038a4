import { describe, expect, it } from 'vitest'
import { isFaulty, type Reading } from './provider.ts'
import { stripe } from './stripe.ts'

function read(type: string, object: object, rest: object = {}): Reading {
  const body = { id: 'evt_1', type, created: 1_772_366_400, data: { object, ...rest } }
  const reading = stripe.read(Buffer.from(JSON.stringify(body)), {})
  if (isFaulty(reading)) throw new Error(JSON.stringify(reading))
  return reading
}
const faultsOf = (type: string, object: unknown, rest: object = {}) =>
  stripe.read(Buffer.from(JSON.stringify({ id: 'evt_1', type, created: 1, data: { object, ...rest } })), {})
const meaning = (reading: Reading, known: Record<string, string> = {}) =>
  reading.translate(new Map(Object.entries(known)))

const invoice = { id: 'in_1', amount_paid: 4900, currency: 'usd', customer: 'cus_1', subscription: 'sub_1' }
const charge = { id: 'ch_1', amount_refunded: 4900, currency: 'usd', payment_intent: 'pi_1' }
const dispute = { id: 'dp_1', amount: 4900, currency: 'usd', charge: 'ch_1', payment_intent: 'pi_1', status: 'lost' }
const before = (sum: number) => ({ previous_attributes: { amount_refunded: sum } })

describe('an invoice', () => {
  it.each([
    [
      'the invoice',
      { ...invoice, metadata: { externalUserId: 'a' }, subscription_details: { metadata: { externalUserId: 'b' } } },
      'a',
    ],
    ['the subscription', { ...invoice, subscription_details: { metadata: { externalUserId: 'b' } } }, 'b'],
    [
      'the subscription, in newer versions',
      {
        ...invoice,
        subscription: undefined,
        parent: { subscription_details: { subscription: 'sub_1', metadata: { externalUserId: 'c' } } },
      },
      'c',
    ],
    ['nobody', invoice, 'cus_1'],
    ['nobody, the customer being expanded', { ...invoice, customer: { id: 'cus_2', object: 'customer' } }, 'cus_2'],
  ])('belongs to whom %s names', (_, object, externalUserId) => {
    const data = { externalUserId, invoiceId: 'in_1', subscriptionId: 'sub_1', amount: 4900, currency: 'USD' }
    expect(meaning(read('invoice.paid', object))).toEqual({
      kind: 'events',
      events: [{ type: 'subscription.paid', data }],
    })
  })

  it.each([
    ['no_subscription', { ...invoice, subscription: null }],
    ['nothing_paid', { ...invoice, amount_paid: 0 }],
    ['no_customer', { ...invoice, customer: null }],
  ])('is ignored: %s', (reason, object) => {
    expect(meaning(read('invoice.paid', object))).toEqual({ kind: 'ignored', reason })
  })

  it('teaches which payment it was paid with, also where it is ignored', () => {
    const object = { ...invoice, subscription: null, charge: 'ch_1', payment_intent: { id: 'pi_1' } }
    expect(read('invoice.paid', object).teaches).toEqual([
      { name: 'pi_1', means: 'in_1' },
      { name: 'ch_1', means: 'in_1' },
    ])
  })
})

describe('a refund', () => {
  it('is what came back this time, known by the sum it led to', () => {
    const parts = [
      [0, 500],
      [500, 1500],
      [1500, 4900],
    ].map(([from, to]) =>
      meaning(read('charge.refunded', { ...charge, amount_refunded: to }, before(from!)), { pi_1: 'in_1' }),
    )
    const events = parts.flatMap((part) => (part.kind === 'events' ? part.events : []))
    expect(events.map(({ data }) => [data?.refundId, data?.amount])).toEqual([
      ['ch_1:500', 500],
      ['ch_1:1500', 1000],
      ['ch_1:4900', 3400],
    ])
  })

  it('names its invoice itself in older versions, or names that there is none', () => {
    expect(meaning(read('charge.refunded', { ...charge, invoice: 'in_9' }, before(0)))).toMatchObject({
      events: [{ data: { invoiceId: 'in_9' } }],
    })
    expect(meaning(read('charge.refunded', { ...charge, invoice: null }, before(0)))).toEqual({
      kind: 'ignored',
      reason: 'no_invoice',
    })
  })

  it('of nothing is ignored; one that does not say how much before is refused', () => {
    expect(meaning(read('charge.refunded', charge, before(4900)))).toEqual({
      kind: 'ignored',
      reason: 'nothing_refunded',
    })
    expect(faultsOf('charge.refunded', charge)).toMatchObject([{ path: '/data/previous_attributes' }])
  })
})

describe('a dispute', () => {
  it.each([
    ['needs_response', 'opened'],
    ['under_review', 'opened'],
    ['won', 'won'],
    ['lost', 'lost'],
  ])('that is %s is %s', (status, ours) => {
    expect(meaning(read('charge.dispute.closed', { ...dispute, status }), { ch_1: 'in_1' })).toMatchObject({
      events: [
        { type: 'payment.disputed', data: { invoiceId: 'in_1', disputeId: 'dp_1', status: ours, amount: 4900 } },
      ],
    })
  })

  it.each([
    'warning_needs_response',
    'warning_under_review',
    'warning_closed',
    'prevented',
    'appeal_under_review',
    'constructor',
  ])('that is %s changes nothing', (status) => {
    expect(meaning(read('charge.dispute.created', { ...dispute, status }))).toEqual({
      kind: 'ignored',
      reason: 'dispute_changes_nothing',
    })
  })

  it('of a payment nobody has told of is not yet known', () => {
    expect(meaning(read('charge.dispute.created', dispute))).toMatchObject({
      kind: 'unknown',
      reason: 'invoice_unknown',
    })
  })
})

it.each([
  ['a fraction', { ...invoice, amount_paid: 49.5 }, '/data/object/amount_paid'],
  ['less than nothing', { ...invoice, amount_paid: -1 }, '/data/object/amount_paid'],
  ['a text', { ...invoice, amount_paid: '4900' }, '/data/object/amount_paid'],
  ['a currency nobody has', { ...invoice, currency: 'zzz' }, '/data/object/currency'],
  ['no object', null, '/data/object'],
])('an invoice with %s is refused', (_, object, path) => {
  expect(faultsOf('invoice.paid', object)).toMatchObject([{ path }])
})

it.each(['constructor', '__proto__', 'toString', 'refund.created'])('an event named %s is ignored', (type) => {
  expect(meaning(read(type, {}))).toEqual({ kind: 'ignored', reason: 'event_not_translated' })
})

it('a thin event of the second version, which carries no data, is ignored', () => {
  const thin = {
    id: 'evt_test_65R9Ijk8dKEYZcXeRWn16R9A7j1FSQ3w3TGDPLLGSM4CW0',
    object: 'v2.core.event',
    type: 'v1.billing.meter.error_report_triggered',
    created: '2026-03-01T12:00:00.000Z',
    related_object: { id: 'mtr_1', type: 'billing.meter', url: '/v1/billing/meters/mtr_1' },
  }
  const reading = stripe.read(Buffer.from(JSON.stringify(thin)), {})
  if (isFaulty(reading)) throw new Error(JSON.stringify(reading))
  expect(meaning(reading)).toEqual({ kind: 'ignored', reason: 'event_not_translated' })
})
