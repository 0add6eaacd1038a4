import { createHmac, randomBytes, randomUUID } from 'node:crypto'

export type Webhook = Readonly<{
  type: string
  data: object
  /** `webhook-id`. Default: a new one. */
  id?: string
  /** When it happened. Default: now. */
  timestamp?: Date
  /** `webhook-timestamp`, when it was signed. Default: now. */
  signedAt?: Date
}>

export type WebhookAnswer = Readonly<{
  status: number
  /** The answer's JSON; `eventId` of an accepted webhook, `code` of a refused one. */
  body: Readonly<{ eventId: string; duplicate?: boolean; code?: string }>
  headers: Headers
}>

/** A secret as senders get it. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`

/** The three headers of Standard Webhooks over exactly these bytes. */
export function signWebhook(secret: string, id: string, signedAt: Date, body: string | Buffer): Record<string, string> {
  const timestamp = String(Math.floor(signedAt.getTime() / 1000))
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

/** Signs and sends a webhook as a customer's app does; answers whatever ingest said. */
export async function sendWebhook(ingestUrl: string, secret: string, webhook: Webhook): Promise<WebhookAnswer> {
  const { type, data, id = `msg_${randomUUID()}`, timestamp = new Date(), signedAt = new Date() } = webhook
  const body = JSON.stringify({ type, timestamp: timestamp.toISOString(), data })
  const response = await fetch(`${ingestUrl}/api/v1/webhooks/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signWebhook(secret, id, signedAt, body) },
    body,
  })
  return { status: response.status, body: (await response.json()) as WebhookAnswer['body'], headers: response.headers }
}
