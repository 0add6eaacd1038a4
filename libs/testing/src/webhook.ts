import { randomBytes } from 'node:crypto'
import { signWebhook, type Webhook } from '@tributary/client'

/** Whatever ingest said. */
export type WebhookAnswer = Readonly<{
  status: number
  /** `eventId` of an accepted webhook, `code` of a refused one. */
  body: Readonly<{ eventId: string; duplicate?: boolean; code?: string }>
  headers: Headers
}>

/** A secret as senders get it. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`

/** Signs and sends a webhook as a customer's app does; a refusal is an answer too, unlike in @tributary/client. */
export async function sendWebhook(
  ingestUrl: string,
  secret: string,
  webhook: Webhook,
  now = new Date(),
): Promise<WebhookAnswer> {
  const { headers, body } = signWebhook(secret, webhook, now)
  const response = await fetch(`${ingestUrl}/api/v1/webhooks/events`, { method: 'POST', headers, body })
  return { status: response.status, body: (await response.json()) as WebhookAnswer['body'], headers: response.headers }
}
