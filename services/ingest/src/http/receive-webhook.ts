import { idField, timeField } from '@tributary/contracts'
import { answer, Problem, type RequestContext, type Route, route } from '@tributary/service-kit'
import { z } from 'zod'
import { timeOfId } from '../domain/event-time.ts'
import type { Appended } from '../store/journal.ts'
import { type Intake, intakeProblems } from './intake.ts'
import { journalWebhook } from './journal-webhook.ts'
import { noteRejection, type RawInput } from './note-rejection.ts'
import { type Sender, sendersOf } from './senders.ts'
import { translateWebhook } from './translate-webhook.ts'
import { checkPayload, checkSignature, checkSignatureHeaders } from './webhook-checks.ts'

/** A way in for every sender: one that signs as Standard Webhooks has it, and the adapters. */
export function receiveWebhooks(intake: Intake): readonly Route[] {
  return sendersOf(intake).map((sender) => receiveWebhook(intake, sender))
}

/**
 * Takes a webhook in. What each answer means to its sender:
 *
 *   202  it is stored, once; do not send it again
 *   409  you used this id before, for another body: a bug of yours; or `cause_not_known`, send it again later
 *   401, 413, 415, 422  it will never be accepted as it is; `GET /api/v1/webhooks/rejections` keeps the reason
 *   404  nobody has set this adapter's secret
 *   429, 503  send it again later, with the same id
 *
 * Where several things are wrong, the first of this order answers: size, limit of the address, headers missing, headers
 * malformed, adapter without a secret, signature, timestamp, content type, payload, cause, limit of all, id used before.
 */
function receiveWebhook(intake: Intake, sender: Sender) {
  const { summary, bodyMaxBytes } = sender.provider
  return route({
    method: 'POST',
    path: sender.path,
    summary,
    access: { public: 'a webhook carries its signature' },
    // The stream is cut here. Between the two a body is refused by us, so that its sender finds out in the rejections.
    rawBodyMaxBytes: 2 * bodyMaxBytes,
    body: sender.body,
    headers: sender.provider.headers,
    examples: sender.examples,
    answers: {
      202: z.object({
        eventId: idField,
        status: z.literal('received'),
        duplicate: z.boolean(),
        receivedAt: timeField,
      }),
    },
    problems: intakeProblems,

    refused(problem, request, context) {
      intake.observe(problem.code, 0)
      if (problem.status < 500) noteRejection(intake, sender, problem, { body: null, request }, context)
    },

    async handle(input, context) {
      const startedAt = performance.now()
      try {
        const { kind, eventId, limits } = await takeIn(intake, sender, input as RawInput, context)
        intake.observe(kind === 'new' ? 'accepted' : 'duplicate', (performance.now() - startedAt) / 1000)
        const receivedAt = timeOfId(eventId).toISOString()
        return answer(202, { eventId, status: 'received', duplicate: kind === 'duplicate', receivedAt }, limits)
      } catch (error) {
        const code = error instanceof Problem ? error.code : 'internal_error'
        intake.observe(code, 0)
        if (error instanceof Problem && error.status < 500)
          noteRejection(
            intake,
            sender,
            error,
            { body: input.body as unknown as Buffer, request: input.request },
            context,
          )
        throw error
      }
    },
  })
}

type Taken = Appended & Readonly<{ limits: Record<string, string> | undefined }>

async function takeIn(intake: Intake, sender: Sender, input: RawInput, context: RequestContext): Promise<Taken> {
  const bytes = input.body as Buffer
  if (bytes.length > sender.provider.bodyMaxBytes) throw new Problem('payload_too_large')
  const giveBack = intake.room.take(bytes.length)
  try {
    return await checkAndStore(intake, sender, input, context)
  } finally {
    giveBack()
  }
}

async function checkAndStore(intake: Intake, sender: Sender, input: RawInput, context: RequestContext): Promise<Taken> {
  const { body, request } = input
  const bytes = body as Buffer
  await intake.limits.admitAddress(request.ip)
  const signed = checkSignatureHeaders(sender, request.headers)
  const now = context.now()
  await checkSignature(sender, signed, bytes, context, now)
  const reading = checkPayload(sender, request.headers, bytes)
  const found = await translateWebhook(sender, reading, context, now)
  const limits = await intake.limits.admitSigned(sender.provider.source)
  return { ...(await journalWebhook(intake, sender, input, signed, reading, found, context)), limits }
}
