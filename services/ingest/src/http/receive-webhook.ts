import { createHash } from 'node:crypto'
import { idField, timeField } from '@tributary/contracts'
import { parseTraceparent } from '@tributary/observability'
import { answer, Problem, type RequestContext, type RouteInput, route, unavailable } from '@tributary/service-kit'
import { z } from 'zod'
import { eventTime, timeOfId } from '../domain/event-time.ts'
import { isHeaderFault, isWithinTolerance, readHeaders, type WebhookHeaders } from '../domain/webhook-headers.ts'
import { isSignedBy } from '../providers/standard-webhooks.ts'
import type { Appended } from '../store/journal.ts'
import { type Intake, intakeProblems } from './intake.ts'
import { isFaulty, type Payload, readPayload } from './webhook-payload.ts'

/** As the API promises. */
const BODY_BYTES_MAX = 64 * 1024
/** The stream is cut here. Between the two a body is refused by us, so that its sender finds out in the rejections. */
const READ_BYTES_MAX = 2 * BODY_BYTES_MAX

const jsonType = /^application\/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?;?\s*$/i

type Input = RouteInput<unknown, undefined, undefined>

/**
 * Takes a webhook in. What each answer means to its sender:
 *
 *   202  it is stored, once; do not send it again
 *   409  you used this id before, for another body: a bug of yours
 *   401, 413, 415, 422  it will never be accepted as it is; `GET /api/v1/webhooks/rejections` keeps the reason
 *   429, 503  send it again later, with the same id
 *
 * Where several things are wrong, the first of this order answers: size, limit of the address, headers missing, headers
 * malformed, signature, timestamp, content type, payload, limit of all, id used before.
 */
export function receiveWebhook(intake: Intake) {
  return route({
    method: 'POST',
    path: '/api/v1/webhooks/events',
    summary: 'Take in a webhook, signed as Standard Webhooks has it.',
    access: { public: 'a webhook carries its signature' },
    rawBodyMaxBytes: READ_BYTES_MAX,
    answers: {
      202: z.object({
        eventId: idField,
        status: z.literal('received'),
        duplicate: z.boolean(),
        receivedAt: timeField,
      }),
    },
    problems: intakeProblems,

    async handle(input, context) {
      const startedAt = performance.now()
      try {
        const { kind, eventId } = await takeIn(intake, input as Input, context)
        intake.observe(kind === 'new' ? 'accepted' : 'duplicate', (performance.now() - startedAt) / 1000)
        const receivedAt = timeOfId(eventId).toISOString()
        return answer(202, { eventId, status: 'received', duplicate: kind === 'duplicate', receivedAt })
      } catch (error) {
        const code = error instanceof Problem ? error.code : 'internal_error'
        intake.observe(code, 0)
        if (error instanceof Problem && error.status < 500) noteRejection(intake, error, input as Input, context)
        throw error
      }
    },
  })
}

async function takeIn(intake: Intake, { body, request }: Input, context: RequestContext): Promise<Appended> {
  const bytes = body as Buffer
  if (bytes.length > BODY_BYTES_MAX) throw new Problem('payload_too_large')
  await intake.limits.admitAddress(request.ip)
  const headers = readHeaders(request.headers)
  if (isHeaderFault(headers)) throw new Problem(headers.code, { detail: headers.detail })
  const now = context.now()
  await checkSignature(intake, headers, bytes, context, now)
  const payload = checkPayload(request.headers, bytes)
  await intake.limits.admitSigned()
  return await store(intake, headers, payload, { bytes, trace: request.headers.traceparent }, context)
}

async function checkSignature(
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

function checkPayload(headers: Input['request']['headers'], body: Buffer): Payload {
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

async function store(
  intake: Intake,
  { id: webhookId }: WebhookHeaders,
  { type, statedTime }: Payload,
  { bytes, trace }: { bytes: Buffer; trace: string | string[] | undefined },
  context: RequestContext,
): Promise<Appended> {
  const eventId = context.newId()
  const appended = await orUnavailable(
    intake.journal(context).append({
      eventId,
      webhookId,
      type,
      time: eventTime(statedTime, context.now()),
      traceparent: typeof trace === 'string' && parseTraceparent(trace) ? trace : null,
      body: bytes,
    }),
  )
  if (appended.kind === 'conflict') {
    throw new Problem('idempotency_conflict', { detail: `webhook-id ${webhookId} came before with another body` })
  }
  return appended
}

/** Whatever keeps the database from answering, the sender is asked to try again: nothing was stored by halves. */
async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const problem = unavailable('the webhook could not be stored; send it again with the same webhook-id')
    problem.cause = error
    throw problem
  }
}

function noteRejection(intake: Intake, problem: Problem, { body, request }: Input, { db, now, newId }: RequestContext) {
  const at = now()
  intake.rejections.note(db, at, () => {
    const bytes = body as Buffer
    const headers = readHeaders(request.headers)
    const { detail = null, errors } = problem.details
    return {
      id: newId(),
      at,
      reason: problem.code,
      detail: errors ? errors.map(({ path, message }) => `${path} ${message}`).join('; ') : detail,
      webhookId: isHeaderFault(headers) ? null : headers.id,
      bodySha256: createHash('sha256').update(bytes).digest(),
      bodyBytes: bytes.length,
    }
  })
}
