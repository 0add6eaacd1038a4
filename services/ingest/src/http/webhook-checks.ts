import type { IncomingHttpHeaders } from 'node:http'
import { Problem, type RequestContext } from '@tributary/service-kit'
import { isWithinTolerance } from '../domain/webhook-headers.ts'
import { isFaulty, type Reading, type Signed } from '../providers/provider.ts'
import { orUnavailable } from './or-unavailable.ts'
import type { Sender } from './senders.ts'

const jsonType = /^application\/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?;?\s*$/i

/** Throws unless it carries a signature that can be looked into. */
export function checkSignatureHeaders({ provider }: Sender, headers: IncomingHttpHeaders): Signed {
  const signed = provider.readSignature(headers)
  if ('code' in signed) throw new Problem(signed.code, { detail: signed.detail })
  return signed
}

/** Throws unless one of the sender's secrets signed exactly this, just now. */
export async function checkSignature(
  { provider, keys, freshKeys }: Sender,
  signed: Signed,
  body: Buffer,
  { db }: RequestContext,
  now: Date,
): Promise<void> {
  const recent = await orUnavailable(keys(db, now))
  if (recent === null || !signed.isSignedBy(recent, body)) {
    // Before we say no, we look whether the secret has just been rotated.
    const fresh = await orUnavailable(freshKeys(db, now))
    if (fresh === null) throw notConfigured(provider.source)
    if (!signed.isSignedBy(fresh, body)) throw mismatch(signed)
  }
  const seconds = Math.floor(now.getTime() / 1000)
  if (signed.timestamp !== null && !isWithinTolerance(signed.timestamp, seconds)) {
    throw new Problem('timestamp_outside_tolerance', {
      detail: `the timestamp is ${signed.timestamp - seconds} seconds from our clock; sign each attempt anew`,
    })
  }
}

/** Throws unless it is JSON of a kind that is taken. */
export function checkPayload({ provider }: Sender, headers: IncomingHttpHeaders, body: Buffer): Reading {
  if (!jsonType.test(headers['content-type'] ?? '')) {
    throw new Problem('content_type_unsupported', { detail: 'the content type must be application/json' })
  }
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
    throw new Problem('content_type_unsupported', { detail: 'the body must not be compressed' })
  }
  const reading = provider.read(body, headers)
  if (isFaulty(reading)) throw new Problem('payload_invalid', { errors: reading })
  return reading
}

function notConfigured(source: string): Problem {
  return new Problem('adapter_not_configured', {
    detail: `${source} has no secret here: PUT /api/v1/system-config/adapters/${source} sets one`,
  })
}

function mismatch({ id }: Signed): Problem {
  const detail =
    id === null
      ? 'no signature matches: either the secret is another, or something in between changed the body'
      : 'no signature matches: POST /api/v1/webhooks/verify tells whether it is the secret or the body'
  return new Problem('signature_mismatch', { detail })
}
