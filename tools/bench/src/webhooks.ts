import { createHmac, createSecretKey } from 'node:crypto'

export type Webhook = Readonly<{ id: string; type: string; timestamp: Date; data: Readonly<Record<string, unknown>> }>

/**
 * Signs webhooks as a sender would (Standard Webhooks) and answers whole HTTP requests, ready to be written to a socket,
 * so that a run measures the server and not the signing. They are good for five minutes.
 */
export function signedRequests(secret: string, host: string, webhooks: readonly Webhook[]): Buffer[] {
  const key = createSecretKey(Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
  const seconds = Math.floor(Date.now() / 1000)
  return webhooks.map(({ id, type, timestamp, data }) => {
    const body = JSON.stringify({ type, timestamp: timestamp.toISOString(), data })
    const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')
    return Buffer.from(
      [
        'POST /api/v1/webhooks/events HTTP/1.1',
        `Host: ${host}`,
        'Content-Type: application/json',
        `Content-Length: ${Buffer.byteLength(body)}`,
        `webhook-id: ${id}`,
        `webhook-timestamp: ${seconds}`,
        `webhook-signature: v1,${signature}`,
        '',
        body,
      ].join('\r\n'),
    )
  })
}
