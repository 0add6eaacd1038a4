import { createHmac, randomUUID } from 'node:crypto'
import { readBody } from './http.ts'
import { ApiError } from './problem.ts'

export type Webhook = Readonly<{
  type: string
  data: unknown
  /** Names the delivery: the same id again is the same webhook. Default: a new one. */
  id?: string
  /** When it happened. Default: now. */
  timestamp?: string
}>

export type WebhookReceipt = Readonly<{ eventId: string; status: 'received'; duplicate: boolean; receivedAt: string }>

/** The headers and body of a webhook, signed as Standard Webhooks has it. `secret` is `whsec_` and base64. */
export function signWebhook(secret: string, webhook: Webhook, now = new Date()) {
  const { type, data, id = `msg_${randomUUID()}`, timestamp = now.toISOString() } = webhook
  const body = JSON.stringify({ type, timestamp, data })
  const seconds = String(Math.floor(now.getTime() / 1_000))
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'webhook-signature': `v1,${signature(secret, `${id}.${seconds}.${body}`)}`,
    },
  }
}

function signature(secret: string, content: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return createHmac('sha256', key).update(content).digest('base64')
}

/** Signs and sends. An answer that asks to try again later rejects with ApiError and its `retryAfterSeconds`. */
export async function sendWebhook(ingestUrl: string, secret: string, webhook: Webhook): Promise<WebhookReceipt> {
  const { headers, body } = signWebhook(secret, webhook)
  const response = await fetch(new URL('/api/v1/webhooks/events', ingestUrl), {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(30_000),
  })
  const answer = await readBody(response)
  if (!response.ok) throw new ApiError(response.status, response.headers, answer)
  return answer as WebhookReceipt
}
