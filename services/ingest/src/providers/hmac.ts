import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'

/** The key of a secret whose characters are the key, as all but Standard Webhooks have it. */
export function keyOfText(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret, 'utf8'))
}

/** Whether one of the digests is the HMAC-SHA256 of these parts with one of the keys. Takes as long whichever match. */
export function isHmacOf(
  keys: readonly KeyObject[],
  parts: readonly (string | Buffer)[],
  digests: readonly Buffer[],
): boolean {
  let matches = false
  for (const key of keys) {
    const hmac = createHmac('sha256', key)
    for (const part of parts) hmac.update(part)
    const expected = hmac.digest()
    for (const digest of digests) {
      if (digest.length === expected.length && timingSafeEqual(digest, expected)) matches = true
    }
  }
  return matches
}
