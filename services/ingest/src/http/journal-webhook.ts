import { parseTraceparent } from '@tributary/observability'
import { Problem, type RequestContext } from '@tributary/service-kit'
import { eventTime } from '../domain/event-time.ts'
import { keptHeaders } from '../domain/kept-headers.ts'
import type { Reading, Signed } from '../providers/provider.ts'
import { hexDigest } from '../providers/provider-json.ts'
import type { Appended } from '../store/journal.ts'
import type { Intake } from './intake.ts'
import type { RawInput } from './note-rejection.ts'
import { orUnavailable } from './or-unavailable.ts'
import type { Sender } from './senders.ts'
import type { ToJournal } from './translate-webhook.ts'

/**
 * Stores what a webhook was found to be; answers for its first event. Where several were made of one webhook each has a key
 * of its own, so a delivery that was cut off between them completes when it is sent again.
 */
export async function journalWebhook(
  intake: Intake,
  { provider }: Sender,
  { body, request }: RawInput,
  { id }: Signed,
  { key, happenedAt }: Reading,
  found: readonly [ToJournal, ...ToJournal[]],
  context: RequestContext,
): Promise<Appended> {
  const bytes = body as Buffer
  const { traceparent } = request.headers
  const firstId = key ?? id ?? hexDigest(bytes)
  const common = {
    source: provider.source,
    time: eventTime(happenedAt, context.now()),
    traceparent: typeof traceparent === 'string' && parseTraceparent(traceparent) ? traceparent : null,
    body: bytes,
    headers: keptHeaders(request.headers),
  }
  const journal = intake.journal(context)
  const appended = await orUnavailable(
    Promise.all(
      found.map((entry, index) =>
        journal.append({
          ...common,
          ...entry,
          eventId: context.newId(),
          webhookId: index === 0 ? firstId : `${firstId}#${index + 1}`,
        }),
      ),
    ),
  )
  if (!provider.isKnownByKeyAlone && appended.some((one) => one.kind === 'conflict')) {
    throw new Problem('idempotency_conflict', { detail: `webhook-id ${firstId} came before with another body` })
  }
  const { eventId } = appended[0]!
  return { eventId, kind: appended.some((one) => one.kind === 'new') ? 'new' : 'duplicate' }
}
