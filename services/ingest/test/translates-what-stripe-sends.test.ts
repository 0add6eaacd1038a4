import { paymentRefunded, subscriptionPaid } from '@tributary/contracts'
import { spy, testBroker } from '@tributary/testing'
import { describe, expect, it } from 'vitest'
import { adapterSecret, configure, deliver, journalOf, recorded, signedByStripe } from './adapter-sender.ts'
import { countRows, get, type Ingest, startIngest } from './sender.ts'

const stripe = (ingest: Ingest, body: string, at = ingest.clock.now()) =>
  deliver(ingest, 'stripe', body, signedByStripe(body, at))
const event = (name: string) => recorded(`stripe/${name}`)
/** As if Stripe had made it just now, under another id. */
const made = (name: string, at: Date, change: (text: string) => string = (text) => text) =>
  change(event(name)).replace(
    /"created": 177\d+,\n {2}"data"/,
    `"created": ${Math.floor(at.getTime() / 1000)},\n  "data"`,
  )

async function startStripe(options: Parameters<typeof startIngest>[1] = {}) {
  const ingest = await startIngest({}, options)
  expect((await configure(ingest, 'stripe')).status).toBe(200)
  return ingest
}

describe('an event of Stripe', () => {
  it('is published as ours, and kept as it came', async () => {
    const broker = await testBroker()
    const heard = await spy(broker)
    const ingest = await startStripe({ broker })
    const { status, body } = await stripe(ingest, event('invoice.paid'))
    expect([status, body.duplicate]).toEqual([202, false])
    expect(await heard.heard(subscriptionPaid)).toMatchObject({
      subject: body.eventId,
      time: '2026-03-01T12:00:00.000Z',
      data: {
        externalUserId: 'customer-7',
        invoiceId: 'in_1SZtrPaid00000000000001',
        subscriptionId: 'sub_1SZtrSub000000000000001',
        amount: 4900n,
        currency: 'USD',
      },
    })
    const shown = await get<{ type: string; body: { id: string } }>(ingest, `/api/v1/webhooks/events/${body.eventId}`)
    expect(shown.body).toMatchObject({ type: 'subscription.paid', body: { id: 'evt_1SZtrInvoicePaid0000001' } })
  })

  it('about a payment finds its invoice, whichever event told it', async () => {
    const broker = await testBroker()
    const heard = await spy(broker)
    const ingest = await startStripe({ broker })
    expect((await stripe(ingest, event('invoice_payment.paid'))).status).toBe(202)
    expect((await stripe(ingest, event('charge.refunded'))).status).toBe(202)
    expect((await heard.heard(paymentRefunded)).data).toEqual({
      invoiceId: 'in_1SZtrPaid00000000000001',
      refundId: 'ch_3SZtrCharge0000000000001:1500',
      amount: 1000n,
      currency: 'USD',
    })
    for (const name of ['created', 'updated', 'closed']) await stripe(ingest, event(`charge.dispute.${name}`))
    const disputes = (await journalOf(ingest)).filter((row) => row.type === 'payment.disputed')
    expect(disputes.map((row) => JSON.parse(row.payload!).status)).toEqual(['opened', 'opened', 'lost'])
    expect(new Set(disputes.map((row) => JSON.parse(row.payload!).invoiceId))).toEqual(
      new Set(['in_1SZtrPaid00000000000001']),
    )
  })

  it('that overtakes what explains it is asked for again, and accepted then', async () => {
    const ingest = await startStripe()
    const refund = made('charge.refunded', ingest.clock.now())
    const early = await stripe(ingest, refund)
    expect([early.status, early.body.code]).toEqual([409, 'cause_not_known'])
    expect(await countRows(ingest, 'webhook_events')).toBe(0)
    await stripe(ingest, event('invoice_payment.paid'))
    expect((await stripe(ingest, refund)).status).toBe(202)
    expect((await journalOf(ingest)).map((row) => [row.type, row.disposition])).toEqual([
      ['stripe.invoice_payment.paid', 'ignore'],
      ['payment.refunded', 'publish'],
    ])
  })

  it('that was made hours ago, while we were away, and overtakes what explains it loses nothing', async () => {
    const ingest = await startStripe()
    const refund = made('charge.refunded', new Date(ingest.clock.now().getTime() - 10 * 3_600_000))
    expect((await stripe(ingest, refund)).body.code).toBe('cause_not_known')
    await stripe(ingest, event('invoice_payment.paid'))
    expect((await stripe(ingest, refund)).status).toBe(202)
    expect((await journalOf(ingest)).at(-1)).toMatchObject({ type: 'payment.refunded', disposition: 'publish' })
  })

  it('that nothing has explained within the day is kept and ignored', async () => {
    const ingest = await startStripe()
    expect((await stripe(ingest, event('charge.refunded'))).status).toBe(202)
    expect(await journalOf(ingest)).toMatchObject([
      { type: 'stripe.charge.refunded', disposition: 'ignore', reason: 'invoice_unknown', payload: null },
    ])
  })

  it('that means nothing to us is kept and ignored, with the reason', async () => {
    const ingest = await startStripe()
    const { status, body } = await stripe(ingest, event('customer.updated'))
    expect(status).toBe(202)
    expect(await journalOf(ingest)).toMatchObject([
      {
        source: 'stripe',
        webhook_id: 'evt_1SZtrCustomerUpdated001',
        type: 'stripe.customer.updated',
        disposition: 'ignore',
      },
    ])
    const shown = await get<{ status: string }>(ingest, `/api/v1/webhooks/events/${body.eventId}`)
    expect(shown.body).toMatchObject({ status: 'ignored' })
    const listed = await get<{ items: object[] }>(ingest, '/api/v1/webhooks/events?type=stripe.customer.updated')
    expect(listed.body.items).toHaveLength(1)
  })

  it('is one event under its id, whatever Stripe writes anew around it', async () => {
    const ingest = await startStripe()
    const first = await stripe(ingest, event('invoice.paid'))
    const again = await stripe(ingest, event('invoice.paid').replace('"pending_webhooks": 1', '"pending_webhooks": 3'))
    expect([again.status, again.body.eventId, again.body.duplicate]).toEqual([202, first.body.eventId, true])
    expect(await countRows(ingest, 'webhook_events')).toBe(1)
  })
})

describe('a signature of Stripe', () => {
  it('that is old, of another secret, of another body or missing is refused, and nothing is stored', async () => {
    const ingest = await startStripe()
    const body = event('invoice.paid')
    const now = ingest.clock.now()
    const old = new Date(now.getTime() - 310_000)
    const refused = async (sent: string, headers: Record<string, string>) =>
      (await deliver(ingest, 'stripe', sent, headers)).body.code
    expect(await refused(body, signedByStripe(body, old))).toBe('timestamp_outside_tolerance')
    expect(await refused(body, signedByStripe(body, now, `${adapterSecret}x`))).toBe('signature_mismatch')
    expect(await refused(`${body} `, signedByStripe(body, now))).toBe('signature_mismatch')
    expect(await refused(body, {})).toBe('signature_missing')
    expect(await refused(body, { 'stripe-signature': 't=1' })).toBe('signature_malformed')
    expect(await refused(body, { ...signedByStripe(body, now), 'content-type': 'text/plain' })).toBe(
      'content_type_unsupported',
    )
    expect(await countRows(ingest, 'webhook_events')).toBe(0)
  })
})
