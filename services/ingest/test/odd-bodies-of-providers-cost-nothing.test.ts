import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { configure, deliver, recorded, signedAsGithub, signedByShopify, signedByStripe } from './adapter-sender.ts'
import { countRows, type Ingest, startIngest } from './sender.ts'

let ingest: Ingest
beforeAll(async () => {
  ingest = await startIngest()
  for (const name of ['stripe', 'shopify', 'github-style']) await configure(ingest, name)
})

const sign = {
  stripe: (body: string | Buffer) => signedByStripe(body as string, ingest.clock.now()),
  shopify: (body: string | Buffer) => signedByShopify(body, 'orders/paid'),
  'github-style': (body: string | Buffer) => signedAsGithub(body),
} as const
type Name = keyof typeof sign

const invoice = recorded('stripe/invoice.paid')
const order = recorded('shopify/orders.paid')

const odd: readonly (readonly [string, Name, string | Buffer])[] = [
  ...(['stripe', 'shopify', 'github-style'] as const).flatMap((name) => [
    ['nothing', name, ''] as const,
    ['no JSON', name, '{'] as const,
    ['a list', name, '[]'] as const,
    ['a text', name, '"x"'] as const,
    ['null', name, 'null'] as const,
    ['30,000 levels', name, `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`] as const,
    ['a byte order mark', name, `\ufeff${order}`] as const,
  ]),
  ['an id twice', 'stripe', invoice.replace('{', '{"id":"evt_other",')],
  ['an id twice', 'shopify', order.replace('{', '{"id":1,')],
  ['a fraction', 'stripe', invoice.replace('"amount_paid": 4900', '"amount_paid": 49.5')],
  ['a negative amount', 'stripe', invoice.replace('"amount_paid": 4900', '"amount_paid": -4900')],
  ['more than 2^53', 'stripe', invoice.replace('"amount_paid": 4900', '"amount_paid": 9007199254740993')],
  ['1e999', 'stripe', invoice.replace('"amount_paid": 4900', '"amount_paid": 1e999')],
  ['NUL in the user', 'stripe', invoice.replace('customer-7', 'a\\u0000b')],
  ['half of a pair in the user', 'stripe', invoice.replace('customer-7', '\\ud83c')],
  ['a blank user', 'stripe', invoice.replace('customer-7', ' x ')],
  ['an id that is none', 'stripe', invoice.replace('evt_1SZtrInvoicePaid0000001', "evt_' or 1=1 --")],
  ['no object', 'stripe', invoice.replace('"object": {', '"thing": {')],
  ['too many decimals', 'shopify', order.replace('"total_price": "398.00"', '"total_price": "398.001"')],
  ['a negative price', 'shopify', order.replace('"total_price": "398.00"', '"total_price": "-1.00"')],
  ['more than 2^53 cents', 'shopify', order.replace('"total_price": "398.00"', '"total_price": "999999999999999.99"')],
  ['an unknown currency', 'shopify', order.replace('"currency": "USD"', '"currency": "ZZZ"')],
  ['a huge exponent as id', 'shopify', order.replace('820982911946154508', '1e300')],
]

describe('a rightly signed body', () => {
  it.each(odd)('of %s for %s is refused, and nothing is stored', async (_, name, body) => {
    const answer = await deliver(ingest, name, body, sign[name](body))
    expect([answer.status, answer.body.code]).toEqual([422, 'payload_invalid'])
    expect(await countRows(ingest, 'webhook_events')).toBe(0)
  })

  it('of no UTF-8 is refused', async () => {
    const body = Buffer.from(order.replace('Ann', 'Zo\xff'), 'latin1')
    expect((await deliver(ingest, 'shopify', body, sign.shopify(body))).body.code).toBe('payload_invalid')
    expect(await countRows(ingest, 'webhook_events')).toBe(0)
  })

  it('of a megabyte is refused', async () => {
    const body = ' '.repeat(1_000_000)
    expect((await deliver(ingest, 'stripe', body, sign.stripe(body))).status).toBe(413)
  })

  it('with anything in the place of any field is accepted, ignored or refused, and never an error of ours', async () => {
    const own = await startIngest()
    for (const name of ['stripe', 'shopify'] as const) await configure(own, name)
    const field = fc.tuple(fc.constantFrom('stripe', 'shopify'), fc.nat(), fc.jsonValue({ maxDepth: 2 }))
    await fc.assert(
      fc.asyncProperty(field, async ([name, place, value]) => {
        const whole = JSON.parse(name === 'stripe' ? invoice : order) as Record<string, unknown>
        replaceSomewhere(whole, place, value)
        const body = JSON.stringify(whole)
        const before = await countRows(own, 'webhook_events')
        const { status } = await deliver(own, name, body, sign[name as Name](body))
        expect([202, 422]).toContain(status)
        if (status === 422) expect(await countRows(own, 'webhook_events')).toBe(before)
      }),
      { numRuns: 250 },
    )
  })
})

/** Puts the value in the place of one field, counted through the whole tree. */
function replaceSomewhere(whole: Record<string, unknown>, place: number, value: unknown): void {
  const fields: (readonly [Record<string, unknown>, string])[] = []
  const walk = (object: Record<string, unknown>) => {
    for (const key of Object.keys(object)) {
      fields.push([object, key])
      const child = object[key]
      if (typeof child === 'object' && child !== null) walk(child as Record<string, unknown>)
    }
  }
  walk(whole)
  const [object, key] = fields[place % fields.length]!
  object[key] = value
}
