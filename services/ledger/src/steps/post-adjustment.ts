import type { Transaction } from '@tributary/database'
import type { Context, Publish } from '@tributary/messaging'
import type { Adjustment } from '../domain/adjustment.ts'
import { statuses } from '../domain/status.ts'
import type { LedgerMetrics } from '../metrics.ts'
import { postNow } from './post.ts'

/** Posts an adjustment that nothing stands against any more; answers it as it ends, posted or refused. */
export async function postAdjustment(
  tx: Transaction,
  publish: Publish,
  { now, newId, metrics }: Context & Readonly<{ metrics: LedgerMetrics }>,
  adjustment: Adjustment,
): Promise<Adjustment> {
  const { id, userId, direction, amount, currency } = adjustment
  const request = { kind: 'adjust', causeId: id, userId, direction, amount, currency } as const
  const because = { correlationId: id, subject: id }
  const [posted] = await postNow(tx, publish, newId, [{ request, because, effectiveAt: now.toISOString() }])
  const { status, transfers } = posted!
  for (const { kind } of transfers) metrics.posted(kind, null)
  if (status === 'posted') return { ...adjustment, status, decidedAt: now }
  if (statuses[status] === 'refused') return { ...adjustment, status: 'refused', refusal: status, decidedAt: now }
  // Its id is new, and it waits for nothing: every other answer would leave it neither posted nor refused.
  throw new Error(`an adjustment was answered ${status}`)
}
