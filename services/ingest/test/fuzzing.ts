import { createHmac, randomInt } from 'node:crypto'
import { Agent, request } from 'node:http'
import { tokenFor } from '@tributary/testing'
import fc from 'fast-check'
import { adapterSecret, signedAsGithub, signedByShopify } from './adapter-sender.ts'
import { countRows, type Ingest, paid, signWebhook, startIngest, talk, webhook } from './sender.ts'

/** One request as somebody might send it, by mistake or on purpose. */
type Case = Readonly<{
  method: string
  path: string
  body: Buffer
  /** Signed over the body, over another one, or not at all. */
  signed: 'right' | 'wrong' | 'no'
  id: string
  headers: Readonly<Record<string, string>>
  token: boolean
  /** Cut, or with bytes of another protocol in it: sent as it is on a connection of its own. */
  broken: Buffer | null
}>

export type Tally = Readonly<{
  cases: number
  seed: number
  accepted: number
  statuses: Readonly<Record<string, number>>
}>

const CONCURRENCY = 64
const BATCH = 1_000

const paths = ['events', 'stripe', 'shopify', 'github-style', 'verify'].map((name) => `/api/v1/webhooks/${name}`)

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '\u0000', '\ud800', '\ufeff', '__proto__', 'constructor', '1e999', '9'.repeat(400), '../../etc'),
)
const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' })
const data = fc
  .record(
    { ...Object.fromEntries(Object.keys(paid).map((name) => [name, fc.oneof(json, text)])) },
    { requiredKeys: [] },
  )
  .map((odd) => ({ ...paid, ...odd }))
const type = fc.oneof(
  fc.constantFrom(
    'subscription.paid',
    'user.registered',
    'payment.refunded',
    'payment.disputed',
    'reward.earned',
    'a.b',
  ),
  text,
)
const payload = fc.oneof(
  fc.record({ type, timestamp: fc.oneof(text, fc.constant('2026-03-01T12:00:00Z')), data }, { requiredKeys: [] }),
  fc.record({ type, data, extra: json }),
  json,
)
const rightBody = fc.oneof(
  fc.integer({ min: 1, max: 1e6 }).map((amount) => webhook({ ...paid, amount })),
  fc.constantFrom('course.completed', 'a.b.c').map((name) => webhook({ externalUserId: 'u1', note: 'Zo\u00eb' }, name)),
)
const body = fc.oneof(
  { weight: 3, arbitrary: rightBody.map((one) => Buffer.from(one)) },
  { weight: 4, arbitrary: payload.map((one) => Buffer.from(JSON.stringify(one) ?? 'null')) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 2,
    arbitrary: fc.tuple(rightBody, fc.nat(300), fc.uint8Array({ maxLength: 4 })).map(([one, at, bytes]) => {
      const whole = Buffer.from(one)
      return Buffer.concat([whole.subarray(0, at), Buffer.from(bytes), whole.subarray(at + bytes.length)])
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('[', '{"a":', '"'), fc.constantFrom(10_000, 70_000))
      .map(([opening, times]) => Buffer.from(opening.repeat(times).slice(0, 100_000))),
  },
)
// What Node's own client would let through; the rest comes in broken requests.
const headerValue = fc.oneof(
  fc.string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
    maxLength: 60,
  }),
  fc.constantFrom(
    'v1,',
    'v1,AAAA',
    't=1,v1=00',
    'sha256=',
    '-1',
    'NaN',
    '99999999999999999999',
    'gzip',
    'text/plain',
    'a'.repeat(5_000),
  ),
)
const headerName = fc.constantFrom(
  ...['webhook-id', 'webhook-timestamp', 'webhook-signature', 'svix-id', 'svix-signature', 'stripe-signature'],
  ...['x-shopify-hmac-sha256', 'x-shopify-topic', 'x-hub-signature-256', 'x-github-event', 'x-github-delivery'],
  ...[
    'content-type',
    'content-encoding',
    'traceparent',
    'authorization',
    'idempotency-key',
    'accept',
    'expect',
    'x-any',
  ],
)
const brokenRequest = fc
  .tuple(fc.constantFrom(...paths), fc.uint8Array({ maxLength: 80 }), fc.nat(160), fc.boolean())
  .map(([path, bytes, at, insert]) => {
    const whole = Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\ncontent-length: 2\r\n\r\n{}`,
      'latin1',
    )
    const rest = whole.subarray(insert ? at : at + bytes.length)
    // Ends what is left open, so that nobody has to wait for the limit.
    return Buffer.concat([whole.subarray(0, at), Buffer.from(bytes), rest, Buffer.from('\r\n\r\n')])
  })

const anyCase: fc.Arbitrary<Case> = fc.record({
  method: fc.oneof(
    { weight: 12, arbitrary: fc.constant('POST') },
    fc.constantFrom('GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'),
  ),
  path: fc.oneof({ weight: 4, arbitrary: fc.constant(paths[0]!) }, fc.constantFrom(...paths)),
  body,
  signed: fc.oneof(
    { weight: 4, arbitrary: fc.constant('right' as const) },
    fc.constantFrom('wrong' as const, 'no' as const),
  ),
  id: fc.oneof(
    fc.integer({ min: 1, max: 5_000 }).map((number) => `msg_${number}`),
    fc.uuid(),
  ),
  headers: fc.dictionary(headerName, headerValue, { maxKeys: 3 }),
  token: fc.boolean(),
  broken: fc.oneof({ weight: 30, arbitrary: fc.constant(null) }, brokenRequest),
})

/**
 * Sends so many requests to an ingest of its own. Throws at the first answer that blames us, and where a refused request
 * left a row. There is no shrinking: the message holds the case.
 */
export async function fuzz(cases: number, seed = randomInt(2 ** 31)): Promise<Tally> {
  const ingest = await startIngest(
    {
      INITIAL_PLAN: 'enterprise',
      STRIPE_WEBHOOK_SECRET: adapterSecret,
      SHOPIFY_WEBHOOK_SECRET: adapterSecret,
      GITHUB_STYLE_WEBHOOK_SECRET: adapterSecret,
    },
    // Broken requests that never end hold a worker for so long.
    { headersTimeoutMs: 300, requestTimeoutMs: 2_000 },
  )
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY })
  const token = await tokenFor(['webhooks:read'])
  const statuses: Record<string, number> = {}
  let accepted = 0
  for (let done = 0; done < cases; done += BATCH) {
    const batch = fc.sample(anyCase, { seed: seed + done, numRuns: Math.min(BATCH, cases - done) })
    let next = 0
    const worker = async () => {
      for (let one = batch[next++]; one !== undefined; one = batch[next++]) {
        const answers = one.broken ? await sendBroken(ingest, one.broken) : [await send(ingest, agent, token, one)]
        for (const { status, isNew } of answers) {
          statuses[status] = (statuses[status] ?? 0) + 1
          if (isNew) accepted++
          if (status >= 500) throw new Error(`seed ${seed}: ${status} to ${describe(one)}`)
        }
      }
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  }
  agent.destroy()
  for (const table of ['webhook_events', 'idempotency_keys']) {
    const rows = await countRows(ingest, table)
    if (rows !== accepted) throw new Error(`seed ${seed}: ${accepted} were accepted, and ${table} holds ${rows}`)
  }
  return { cases, seed, accepted, statuses }
}

/** As the path wants it; where nobody would believe it, several at once do no harm. */
function signatures(ingest: Ingest, { id, path }: Case, body: Buffer): Record<string, string> {
  const now = ingest.clock.now()
  if (path.endsWith('stripe')) {
    const seconds = Math.floor(now.getTime() / 1000)
    const signature = createHmac('sha256', adapterSecret).update(`${seconds}.`).update(body).digest('hex')
    return { 'stripe-signature': `t=${seconds},v1=${signature}` }
  }
  if (path.endsWith('shopify')) return signedByShopify(body, 'orders/paid')
  if (path.endsWith('github-style')) return signedAsGithub(body)
  return signWebhook(ingest.secret, id, now, body)
}

type Said = Readonly<{ status: number; isNew: boolean }>

function send(ingest: Ingest, agent: Agent, token: string, one: Case): Promise<Said> {
  const over = one.signed === 'wrong' ? Buffer.from('another body') : one.body
  const headers = {
    'content-type': 'application/json',
    ...(one.token ? { authorization: `Bearer ${token}` } : {}),
    ...(one.signed === 'no' ? {} : signatures(ingest, one, over)),
    ...one.headers,
  }
  return new Promise((resolve, reject) => {
    const sent = request(new URL(one.path, ingest.url), { method: one.method, agent, headers }, (response) => {
      let said = ''
      response.setEncoding('latin1')
      response.on('data', (chunk: string) => {
        said += chunk
      })
      response.on('end', () => resolve(read(response.statusCode ?? 0, said)))
    })
    // A connection that the server closed after a refusal may break under the next request.
    sent.on('error', (error: NodeJS.ErrnoException) =>
      ['ECONNRESET', 'EPIPE'].includes(error.code ?? '') ? resolve({ status: 0, isNew: false }) : reject(error),
    )
    sent.end(['GET', 'HEAD', 'OPTIONS'].includes(one.method) ? undefined : one.body)
  })
}

async function sendBroken(ingest: Ingest, bytes: Buffer): Promise<Said[]> {
  const said = await talk(ingest, [bytes])
  return [...said.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => read(Number(status), said))
}

const read = (status: number, said: string): Said => ({
  status,
  isNew: status === 202 && said.includes('"duplicate":false'),
})

const describe = (one: Case): string =>
  JSON.stringify({ ...one, body: one.body.toString('base64'), broken: one.broken?.toString('base64') })
