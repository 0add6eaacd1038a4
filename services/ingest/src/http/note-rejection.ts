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
  { body, request }: Pick<RawInput, 'request'> & { body: Buffer | null },
  { db, now, newId }: RequestContext,
) {
  const at = now()
  intake.rejections.note(db, at, () => {
    const signed = provider.readSignature(request.headers)
    const { detail = null, errors } = problem.details
    return {
      id: newId(),
      at,
      source: provider.source,
      reason: problem.code,
      detail: errors ? errors.map(({ path, message }) => `${path} ${message}`).join('; ') : detail,
      webhookId: 'code' in signed ? null : signed.id,
      bodySha256: body && createHash('sha256').update(body).digest(),
      bodyBytes: body ? body.length : statedBytes(request.headers['content-length']),
    }
  })
}

/** Of a body that was not read; null where nobody said, or nobody could believe it. */
function statedBytes(length: string | undefined): number | null {
  return length !== undefined && /^\d{1,9}$/.test(length) ? Number(length) : null
}
