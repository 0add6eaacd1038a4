import { idField, timeField } from '@tributary/contracts'
import { parseTraceparent } from '@tributary/observability'
import { answer, Problem, type RequestContext, route } from '@tributary/service-kit'
import { z } from 'zod'
import { eventTime, timeOfId } from '../domain/event-time.ts'
import { keptHeaders } from '../domain/kept-headers.ts'
import { isHeaderFault, readHeaders, type WebhookHeaders } from '../domain/webhook-headers.ts'
import { type Appended, SOURCE } from '../store/journal.ts'
import { type Intake, intakeProblems } from './intake.ts'
import { intakeExamples } from './intake-examples.ts'
import { noteRejection, type RawInput } from './note-rejection.ts'
import { orUnavailable } from './or-unavailable.ts'
import { checkPayload, checkSignature } from './webhook-checks.ts'
import { webhookBody, webhookHeaders } from './webhook-description.ts'
import type { Payload } from './webhook-payload.ts'

/** As the API promises. */
const BODY_BYTES_MAX = 64 * 1024
/** The stream is cut here. Between the two a body is refused by us, so that its sender finds out in the rejections. */
const READ_BYTES_MAX = 2 * BODY_BYTES_MAX

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
    body: webhookBody,
    headers: webhookHeaders,
    examples: intakeExamples,
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
        const { kind, eventId } = await takeIn(intake, input as RawInput, context)
        intake.observe(kind === 'new' ? 'accepted' : 'duplicate', (performance.now() - startedAt) / 1000)
        const receivedAt = timeOfId(eventId).toISOString()
        return answer(202, { eventId, status: 'received', duplicate: kind === 'duplicate', receivedAt })
      } catch (error) {
        const code = error instanceof Problem ? error.code : 'internal_error'
        intake.observe(code, 0)
        if (error instanceof Problem && error.status < 500) noteRejection(intake, error, input as RawInput, context)
        throw error
      }
    },
  })
}

async function takeIn(intake: Intake, { body, request }: RawInput, context: RequestContext): Promise<Appended> {
  const bytes = body as Buffer
  if (bytes.length > BODY_BYTES_MAX) throw new Problem('payload_too_large')
  await intake.limits.admitAddress(request.ip)
  const headers = readHeaders(request.headers)
  if (isHeaderFault(headers)) throw new Problem(headers.code, { detail: headers.detail })
  const now = context.now()
  await checkSignature(intake, headers, bytes, context, now)
  const payload = checkPayload(request.headers, bytes)
  await intake.limits.admitSigned()
  return await store(
    intake,
    headers,
    payload,
    { bytes, trace: request.headers.traceparent, kept: keptHeaders(request.headers) },
    context,
  )
}

async function store(
  intake: Intake,
  { id: webhookId }: WebhookHeaders,
  { type, statedTime }: Payload,
  { bytes, trace, kept }: { bytes: Buffer; trace: string | string[] | undefined; kept: string | null },
  context: RequestContext,
): Promise<Appended> {
  const eventId = context.newId()
  const appended = await orUnavailable(
    intake.journal(context).append({
      eventId,
      source: SOURCE,
      webhookId,
      type,
      time: eventTime(statedTime, context.now()),
      traceparent: typeof trace === 'string' && parseTraceparent(trace) ? trace : null,
      body: bytes,
      headers: kept,
      payload: null,
      disposition: 'publish',
      reason: null,
    }),
  )
  if (appended.kind === 'conflict') {
    throw new Problem('idempotency_conflict', { detail: `webhook-id ${webhookId} came before with another body` })
  }
  return appended
}
