import { createHmac, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { startTestService, type TestService, type TestServiceOptions, tokenFor } from '@tributary/testing'
import { ingest } from '../src/app.ts'
import type { IngestConfig } from '../src/config.ts'
import { newSecret } from '../src/providers/standard-webhooks.ts'

export const sealingKey = randomBytes(32).toString('base64')
export const signingKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

export type Ingest = TestService & { secret: string }

/** Ingest on a database of its own, with limits that no test meets by accident. */
export async function startIngest(
  own: Partial<IngestConfig> = {},
  options: Omit<TestServiceOptions<IngestConfig>, 'own'> = {},
): Promise<Ingest> {
  const secret = own.WEBHOOK_SECRET ?? newSecret()
  const service = await startTestService('ingest', ingest, {
    ...options,
    own: {
      WEBHOOK_SECRET: secret,
      SECRETS_KEY: sealingKey,
      INITIAL_PLAN: 'enterprise' as const,
      INGEST_SIGNING_KEY: signingKey,
      INTAKE_BATCH_MAX: 128,
      INGEST_RELEASES_PER_SECOND: 500,
      INGEST_RATE_LIMIT_ADDRESS_PER_SECOND: 1_000_000,
      INGEST_RATE_LIMIT_SOURCE_PER_SECOND: 1_000_000,
      INGEST_RATE_LIMIT_PER_SECOND: 1_000_000,
      ...own,
    },
  })
  return { ...service, secret }
}

export const paid = {
  externalUserId: 'customer-1',
  invoiceId: 'in_1',
  subscriptionId: 'sub_1',
  amount: 4900,
  currency: 'USD',
}

export const webhook = (data: object = paid, type = 'subscription.paid') =>
  JSON.stringify({ type, timestamp: '2026-03-01T12:00:00Z', data })

export const newId = () => `msg_${randomUUID().replaceAll('-', '')}`

export type Answer = Readonly<{
  status: number
  headers: Headers
  body: Readonly<Record<string, unknown>> & { eventId: string; code?: string; errors?: { path: string }[] }
}>

type Sent = Readonly<{
  id?: string
  /** Signed as sent, unless said otherwise. */
  body?: string | Buffer
  signedBody?: string | Buffer
  secret?: string
  signedAt?: Date
  /** Null leaves a header out. */
  headers?: Readonly<Record<string, string | null>>
}>

/** The headers of Standard Webhooks over these bytes, made without any code of ingest's. */
export function signWebhook(secret: string, id: string, signedAt: Date, body: string | Buffer): Record<string, string> {
  const timestamp = String(Math.floor(signedAt.getTime() / 1000))
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

/** Signs and sends these very bytes. */
export async function send(to: Ingest, sent: Sent = {}): Promise<Answer> {
  const { id = newId(), body = webhook(), signedBody = body, secret = to.secret, signedAt = to.clock.now() } = sent
  const headers = {
    'content-type': 'application/json',
    ...signWebhook(secret, id, signedAt, signedBody),
    ...sent.headers,
  }
  const given = Object.entries(headers).filter((header): header is [string, string] => header[1] !== null)
  const response = await to.fetch('/api/v1/webhooks/events', {
    method: 'POST',
    headers: given,
    // A string would be given a content type where none is wanted.
    body: Buffer.from(body),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] }
}

/** Reads an API route with a token for everything that ingest offers. */
export async function get<T = Record<string, unknown>>(from: Ingest, path: string, init: RequestInit = {}) {
  const token = await tokenFor(['webhooks:read', 'webhooks:write', 'config:read', 'config:write'])
  const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) }
  const response = await from.fetch(path, { ...init, headers })
  return { status: response.status, body: (await response.json()) as T }
}

/** Writes raw parts to a connection, and answers all that came back until the server closed it or went quiet. */
export function talk(to: Ingest, parts: readonly (string | Buffer)[], { hangUp = false } = {}) {
  return new Promise<string>((resolve, reject) => {
    const { hostname, port } = new URL(to.url)
    const socket = connect({ host: hostname, port: Number(port) })
    let received = ''
    socket.setTimeout(10_000, () => socket.destroy())
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // The server may close while we still write.
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error)
    })
    socket.on('close', () => resolve(received))
    socket.on('connect', () => {
      for (const part of parts) socket.write(part)
      if (hangUp) setImmediate(() => socket.destroy())
    })
  })
}

/** What is in a table of ingest's database. */
export async function countRows(of: Ingest, table: string): Promise<number> {
  const { rows } = (await of.database.db.raw(`select count(*)::int as count from ${table}`)) as {
    rows: { count: number }[]
  }
  return rows[0]!.count
}
