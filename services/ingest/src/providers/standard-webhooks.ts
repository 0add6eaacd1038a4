import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { isHeaderFault, readHeaders, type WebhookHeaders } from '../domain/webhook-headers.ts'
import { SOURCE } from '../store/journal.ts'
import { isHmacOf } from './hmac.ts'
import { readOwnFormat } from './own-format.ts'
import type { Provider } from './provider.ts'

const prefix = 'whsec_'
// The spec asks for 24 to 64 bytes.
const bytesMin = 24
const bytesMax = 64

/**
 * Whether one of the signatures was made with one of the keys over exactly these bytes (Standard Webhooks v1:
 * HMAC-SHA256 of `id.timestamp.body`). Takes as long whichever of them match.
 */
export function isSignedBy(
  keys: readonly KeyObject[],
  { id, timestampText, signatures }: WebhookHeaders,
  body: Buffer,
) {
  const digests = signatures.map((signature) => Buffer.from(signature, 'base64'))
  return isHmacOf(keys, [`${id}.${timestampText}.`, body], digests)
}

const standardHeaders = {
  'webhook-id': 'Names the webhook: sent again with the same id and body, it is the same webhook.',
  'webhook-timestamp': 'When it was signed, in seconds since 1970; at most five minutes from our clock.',
  'webhook-signature':
    '`v1,` and the base64 of the HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<body>`; several, with blanks between.',
}

/** The sender whom this system is made for: it signs as Standard Webhooks has it, and sends our own format. */
export const standardWebhooks: Provider = {
  source: SOURCE,
  summary: 'Take in a webhook, signed as Standard Webhooks has it.',
  headers: standardHeaders,
  // As the API promises.
  bodyMaxBytes: 64 * 1024,
  isKnownByKeyAlone: false,
  keyOf(secret) {
    const key = parseSecret(secret)
    if (!key) throw new Error('the stored webhook secret is none')
    return key
  },
  readSignature(headers) {
    const read = readHeaders(headers)
    if (isHeaderFault(read)) return read
    return { id: read.id, timestamp: read.timestamp, isSignedBy: (keys, body) => isSignedBy(keys, read, body) }
  },
  read: readOwnFormat,
}

/** The key that a `whsec_...` text stands for, or null where it is none. Keep it: making one costs as much as a use. */
export function parseSecret(text: string): KeyObject | null {
  if (!text.startsWith(prefix)) return null
  const encoded = text.slice(prefix.length)
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded || bytes.length < bytesMin || bytes.length > bytesMax) return null
  // A KeyObject, not the bytes: createHmac with bytes costs three times as much on Node 24 (10 against 3 us).
  return createSecretKey(bytes)
}

/** A new random secret, as senders are given it. */
export function newSecret(): string {
  return prefix + randomBytes(32).toString('base64')
}
