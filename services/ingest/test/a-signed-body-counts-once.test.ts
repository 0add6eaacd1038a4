import { describe, expect, it } from 'vitest'
import { configure, deliver, journalOf, recorded, signedAsGithub, signedByShopify } from './adapter-sender.ts'
import { countRows, startIngest, webhook } from './sender.ts'

const secretOf = async (name: string) => {
  const ingest = await startIngest()
  await configure(ingest, name)
  return ingest
}

describe('where the signature covers no id', () => {
  it('a captured body of Shopify with fresh ids creates nothing', async () => {
    const ingest = await secretOf('shopify')
    const body = recorded('shopify/orders.paid')
    const first = await deliver(ingest, 'shopify', body, signedByShopify(body, 'orders/paid'))
    expect([first.status, first.body.duplicate]).toEqual([202, false])
    ingest.clock.forward({ days: 29 })
    const again = await deliver(ingest, 'shopify', body, signedByShopify(body, 'orders/paid'))
    expect([again.status, again.body.duplicate, again.body.eventId]).toEqual([202, true, first.body.eventId])
    // One order with a code in its cart: a registration and a payment, and no more.
    expect((await journalOf(ingest)).map((row) => [row.type, JSON.parse(row.payload!).externalUserId])).toEqual([
      ['user.registered', '115310627314723954'],
      ['subscription.paid', '115310627314723954'],
    ])
  })

  it('nor under topics that nobody signed, but for one that is kept and ignored', async () => {
    const ingest = await secretOf('shopify')
    const body = recorded('shopify/orders.paid')
    const send = (topic: string) => deliver(ingest, 'shopify', body, signedByShopify(body, topic))
    // Shopify itself sends the same bytes for both; the payment must not be lost to the creation.
    expect((await send('orders/create')).status).toBe(202)
    expect((await send('orders/paid')).body.duplicate).toBe(false)
    for (const topic of ['orders/updated', 'made/up', 'made/up_too'])
      expect((await send(topic)).body.duplicate).toBe(true)
    for (const topic of ['refunds/create', 'customers/create']) expect((await send(topic)).status).toBe(422)
    expect((await journalOf(ingest)).map((row) => [row.type, row.disposition, row.reason])).toEqual([
      ['shopify.orders.create', 'ignore', 'topic_not_translated'],
      ['user.registered', 'publish', null],
      ['subscription.paid', 'publish', null],
    ])
  })

  it('a body with a plain HMAC is one webhook, whatever its headers say', async () => {
    const ingest = await secretOf('github-style')
    const body = webhook()
    const first = await deliver(ingest, 'github-style', body, signedAsGithub(body))
    const again = await deliver(ingest, 'github-style', body, { ...signedAsGithub(body), 'webhook-id': 'msg_other' })
    expect([again.status, again.body.duplicate, again.body.eventId]).toEqual([202, true, first.body.eventId])
    expect(await countRows(ingest, 'webhook_events')).toBe(1)
    expect(await journalOf(ingest)).toMatchObject([
      { source: 'github-style', type: 'subscription.paid', payload: null },
    ])
  })

  it('the other topics of Shopify are translated, ids to the last digit', async () => {
    const ingest = await secretOf('shopify')
    for (const topic of ['refunds/create', 'customers/create']) {
      const body = recorded(`shopify/${topic.replace('/', '.')}`)
      expect((await deliver(ingest, 'shopify', body, signedByShopify(body, topic))).status).toBe(202)
    }
    expect((await journalOf(ingest)).map((row) => [row.type, JSON.parse(row.payload!)])).toEqual([
      [
        'payment.refunded',
        {
          invoiceId: '820982911946154508',
          refundId: '890088186047892319',
          amount: 19_905,
          currency: 'USD',
          reason: 'Things were damaged',
        },
      ],
      ['user.registered', { externalUserId: '706405506930370084', email: 'bob@example.com', name: 'Bob Biller' }],
    ])
  })
})

it('what was cut off between the events of one webhook completes when it is sent again', async () => {
  const ingest = await secretOf('shopify')
  const body = recorded('shopify/orders.paid')
  const headers = signedByShopify(body, 'orders/paid')
  // The second of the two cannot be stored, and the first was.
  await ingest.database.db.raw(
    `alter table webhook_events add constraint no_payments check (type <> 'subscription.paid')`,
  )
  expect((await deliver(ingest, 'shopify', body, headers)).status).toBe(503)
  expect((await journalOf(ingest)).map((row) => row.type)).toEqual(['user.registered'])
  await ingest.database.db.raw('alter table webhook_events drop constraint no_payments')
  expect((await deliver(ingest, 'shopify', body, headers)).body).toMatchObject({ duplicate: false })
  expect((await journalOf(ingest)).map((row) => row.type)).toEqual(['user.registered', 'subscription.paid'])
})
