import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import type { WebhookHeaders } from '../domain/webhook-headers.ts'

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
  let matches = false
  for (const key of keys) {
    const expected = createHmac('sha256', key).update(`${id}.${timestampText}.`).update(body).digest()
    for (const signature of signatures) {
      const given = Buffer.from(signature, 'base64')
      if (given.length === expected.length && timingSafeEqual(given, expected)) matches = true
    }
  }
  return matches
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
