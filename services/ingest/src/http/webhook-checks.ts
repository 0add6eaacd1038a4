import type { IncomingHttpHeaders } from 'node:http'
import { Problem, type RequestContext } from '@tributary/service-kit'
import { isWithinTolerance, type WebhookHeaders } from '../domain/webhook-headers.ts'
import { isSignedBy } from '../providers/standard-webhooks.ts'
import type { Intake } from './intake.ts'
import { orUnavailable } from './or-unavailable.ts'
import { isFaulty, type Payload, readPayload } from './webhook-payload.ts'

const jsonType = /^application\/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?;?\s*$/i

/** Throws unless one of the secrets signed exactly this, just now. */
export async function checkSignature(
  { secrets }: Intake,
  headers: WebhookHeaders,
  body: Buffer,
  { db }: RequestContext,
  now: Date,
): Promise<void> {
  const isSigned =
    isSignedBy(await orUnavailable(secrets.keys(db, now)), headers, body) ||
    // Before we say no, we look whether the secret has just been rotated.
    isSignedBy(await orUnavailable(secrets.freshKeys(db, now)), headers, body)
  if (!isSigned) {
    throw new Problem('signature_mismatch', {
      detail: 'no signature matches: POST /api/v1/webhooks/verify tells whether it is the secret or the body',
    })
  }
  const seconds = Math.floor(now.getTime() / 1000)
  if (!isWithinTolerance(headers.timestamp, seconds)) {
    throw new Problem('timestamp_outside_tolerance', {
      detail: `webhook-timestamp is ${headers.timestamp - seconds} seconds from our clock; sign each attempt anew`,
    })
  }
}

/** Throws unless it is JSON of a kind that is taken. */
export function checkPayload(headers: IncomingHttpHeaders, body: Buffer): Payload {
  if (!jsonType.test(headers['content-type'] ?? '')) {
    throw new Problem('content_type_unsupported', { detail: 'the content type must be application/json' })
  }
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
    throw new Problem('content_type_unsupported', { detail: 'the body must not be compressed' })
  }
  const payload = readPayload(body)
  if (isFaulty(payload)) throw new Problem('payload_invalid', { errors: payload })
  return payload
}
