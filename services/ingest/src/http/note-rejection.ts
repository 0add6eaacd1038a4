import { createHash } from 'node:crypto'
import type { Problem, RequestContext, RouteInput } from '@tributary/service-kit'
import type { Intake } from './intake.ts'
import type { Sender } from './senders.ts'

/** A request whose body is taken as it came. */
export type RawInput = RouteInput<unknown, undefined, undefined>

/** Keeps why a webhook was refused, and what its sender needs to find which it was. */
export function noteRejection(
  intake: Intake,
  { provider }: Sender,
  problem: Problem,
  { body, request }: RawInput,
  { db, now, newId }: RequestContext,
) {
  const at = now()
  intake.rejections.note(db, at, () => {
    const bytes = body as Buffer
    const signed = provider.readSignature(request.headers)
    const { detail = null, errors } = problem.details
    return {
      id: newId(),
      at,
      source: provider.source,
      reason: problem.code,
      detail: errors ? errors.map(({ path, message }) => `${path} ${message}`).join('; ') : detail,
      webhookId: 'code' in signed ? null : signed.id,
      bodySha256: createHash('sha256').update(bytes).digest(),
      bodyBytes: bytes.length,
    }
  })
}
