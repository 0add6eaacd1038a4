import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { JWK } from 'jose'

/** The key that signs tokens, and what others need to check them: its own public half and those of keys that signed before. */
export type SigningKeys = Readonly<{ privateKey: KeyObject; keyId: string; published: readonly JWK[] }>

/** Null where the text is no P-256 private key. */
export function readSigningKey(text: string): KeyObject | null {
  try {
    const pem = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8')
    const key = createPrivateKey(pem)
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null
  } catch {
    return null
  }
}

export function newSigningKeys(current: string, retired: readonly string[] = []): SigningKeys {
  const [privateKey, ...others] = [current, ...retired].map(mustRead)
  const published = [privateKey!, ...others].map(toPublicJwk)
  return { privateKey: privateKey!, keyId: published[0]!.kid!, published }
}

function mustRead(text: string): KeyObject {
  const key = readSigningKey(text)
  if (key === null) throw new Error('a signing key cannot be read')
  return key
}

function toPublicJwk(privateKey: KeyObject): JWK {
  const { crv, kty, x, y } = createPublicKey(privateKey).export({ format: 'jwk' }) as Record<string, string>
  // RFC 7638: the id follows from the key, so every process and every restart names it alike.
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  return { kty: kty!, crv: crv!, x: x!, y: y!, kid, alg: 'ES256', use: 'sig' }
}
