import { createSecretKey, type KeyObject } from 'node:crypto'
import type { WebhookHeaders } from '../domain/webhook-headers.ts'
import { isSignedBy } from './standard-webhooks.ts'

type Finding = 'matches' | 'does not match' | 'unknown'
export type Difference = Readonly<{ secret: Finding; body: Finding; detail: string }>

/**
 * Which of secret and body a sender got wrong, as far as can be told: a signature that one of the usual mistakes
 * explains names its mistake, any other could be either.
 */
export function findDifference(keys: readonly KeyObject[], headers: WebhookHeaders, body: Buffer): Difference {
  if (isSignedBy(keys, headers, body)) {
    return { secret: 'matches', body: 'matches', detail: 'the signature is right' }
  }
  for (const { detail, bytes } of otherBodies(body)) {
    if (isSignedBy(keys, headers, bytes)) return { secret: 'matches', body: 'does not match', detail }
  }
  if (isSignedBy(keys.map(asText), headers, body)) {
    return {
      secret: 'does not match',
      body: 'matches',
      detail:
        'the signature was made with the text of the secret; the key is what its base64, after whsec_, stands for',
    }
  }
  return {
    secret: 'unknown',
    body: 'unknown',
    detail:
      'no signature matches: either the secret is another, or the bytes of the body are; compare bodySha256 with what you signed',
  }
}

/** What else a sender may have signed than what it sent. */
function otherBodies(body: Buffer): { detail: string; bytes: Buffer }[] {
  const text = body.toString('utf8')
  const others = [
    { detail: 'the body was signed without the line break at its end', bytes: Buffer.from(text.trimEnd()) },
    { detail: 'the body was signed with a line break at its end', bytes: Buffer.from(`${text}\n`) },
    { detail: 'an empty body was signed', bytes: Buffer.alloc(0) },
  ]
  try {
    const value: unknown = JSON.parse(text)
    for (const indent of [0, 2, 4]) {
      others.push({
        detail: 'the body was written anew after it was signed: sign the very bytes that are sent',
        bytes: Buffer.from(JSON.stringify(value, null, indent)),
      })
    }
  } catch {
    // No JSON, or nested so deep that it cannot be written: then it was not written anew either.
  }
  return others
}

function asText(key: KeyObject): KeyObject {
  return createSecretKey(Buffer.from(`whsec_${key.export().toString('base64')}`))
}
