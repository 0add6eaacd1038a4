import { createHmac, randomUUID } from 'node:crypto'
import { exchange } from './http.ts'
import { writeJson } from './json.ts'
import { type Retries, withRetries } from './retry.ts'

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
  const body = writeJson({ type, timestamp, data })
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

export type SendOptions = Readonly<{ timeoutMs?: number; retries?: Retries; signal?: AbortSignal }>

/**
 * Signs and sends. What passes (429, 503, a connection that breaks) is tried again: the same id and body, signed anew, so it
 * stays one webhook. Other refusals reject with ApiError at once.
 */
export async function sendWebhook(
  ingestUrl: string,
  secret: string,
  webhook: Webhook,
  { timeoutMs = 30_000, retries = {}, signal }: SendOptions = {},
): Promise<WebhookReceipt> {
  const { type, data, id = `msg_${randomUUID()}`, timestamp = new Date().toISOString() } = webhook
  const url = new URL('/api/v1/webhooks/events', ingestUrl).href
  return (await withRetries(retries, 'always', signal, () =>
    exchange({ method: 'POST', url, timeoutMs, signal, ...signWebhook(secret, { type, data, id, timestamp }) }),
  )) as WebhookReceipt
}
