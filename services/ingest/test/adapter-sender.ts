import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { query } from '@tributary/database'
import Stripe from 'stripe'
import { type Answer, get, type Ingest } from './sender.ts'

/** What a provider sent, written after its public documentation. */
export const recorded = (name: string) => readFileSync(join(import.meta.dirname, 'recorded', `${name}.json`), 'utf8')

export const adapterSecret = 'whsec_test_of_an_adapter_0123456789'

/** Sets the secret as people do. */
export const configure = (ingest: Ingest, name: string, body: object = { secret: adapterSecret }) =>
  get<Record<string, unknown>>(ingest, `/api/v1/system-config/adapters/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

const { webhooks } = new Stripe('sk_test_unused')

/** Signed by Stripe's own package. */
export function signedByStripe(body: string, at: Date, secret = adapterSecret): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1000)
  return { 'stripe-signature': webhooks.generateTestHeaderString({ payload: body, secret, timestamp }) }
}

const hmac = (body: string | Buffer, secret: string) => createHmac('sha256', secret).update(body)

export function signedByShopify(body: string | Buffer, topic: string, secret = adapterSecret): Record<string, string> {
  return {
    'x-shopify-hmac-sha256': hmac(body, secret).digest('base64'),
    'x-shopify-topic': topic,
    'x-shopify-webhook-id': crypto.randomUUID(),
    'x-shopify-event-id': crypto.randomUUID(),
    'x-shopify-shop-domain': 'demo.myshopify.com',
  }
}

export function signedAsGithub(body: string | Buffer, secret = adapterSecret): Record<string, string> {
  return {
    'x-hub-signature-256': `sha256=${hmac(body, secret).digest('hex')}`,
    'x-github-delivery': crypto.randomUUID(),
  }
}

export async function deliver(
  to: Ingest,
  name: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const response = await to.fetch(`/api/v1/webhooks/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(body),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] }
}

export type Kept = Readonly<{
  source: string
  webhook_id: string
  type: string
  payload: string | null
  disposition: string
  reason: string | null
}>

/** The journal, in the order of storing. */
export const journalOf = (ingest: Ingest) =>
  query<Kept>(
    ingest.database.db,
    'select source, webhook_id, type, payload, disposition, reason from webhook_events order by seq',
  )
