import type { Transaction } from '@tributary/database'
import type { Job } from '@tributary/service-kit'
import { monthOf } from '../domain/quota.ts'
import { sumReserved } from '../store/quota-leases.ts'
import { claimDeferred, countReleased, countUnpublished, writeToOutbox } from '../store/releases.ts'
import { findQuota } from '../store/system-configs.ts'
import { findUsage, listWaitingMonths, lockMonth } from '../store/usage.ts'

const SECOND_MS = 1_000
/** With more than this waiting for the relay, live events would wait for released ones. */
const UNPUBLISHED_MAX = 1_000

export type ReleaseOptions = Readonly<{ knownTypes: readonly string[]; perSecond: number }>

/**
 * Publishes what was over the quota, the oldest first: of months that have ended all of it, of this month as much as the
 * quota has room for by now, since the plan has risen or a lease was not used. A step is one transaction that ends the
 * wait of some events and writes them to the outbox, so each goes out once, whatever crashes.
 */
export function releaseDeferredEvents({ knownTypes, perSecond }: ReleaseOptions): Job {
  return {
    name: 'release-deferred-events',
    everyMs: SECOND_MS,
    async run({ db, transaction, now, newId }) {
      const months = await listWaitingMonths(db)
      if (months.length === 0) return false
      const thisMonth = monthOf(now())
      await transaction(async (tx) => {
        if ((await countUnpublished(tx, UNPUBLISHED_MAX)) >= UNPUBLISHED_MAX) return
        let left = perSecond
        for (const { month } of months) {
          const max = Math.min(left, month < thisMonth ? left : await roomOf(tx, month))
          if (max > 0) left -= await release(tx, { month, max, isOver: month < thisMonth }, knownTypes, newId)
          if (left <= 0) return
        }
      })
      return false
    },
  }
}

/** How many deferred events of a running month may go out: what the quota has left beside the live ones. */
async function roomOf(tx: Transaction, month: string): Promise<number> {
  await lockMonth(tx, month)
  const quota = await findQuota(tx)
  if (quota === null) return Number.POSITIVE_INFINITY
  const { used, deferred, released } = await findUsage(tx, month)
  return Math.max(0, quota - (used - deferred + released) - (await sumReserved(tx, month, null)))
}

async function release(
  tx: Transaction,
  { month, max, isOver }: { month: string; max: number; isOver: boolean },
  knownTypes: readonly string[],
  newId: () => string,
): Promise<number> {
  await lockMonth(tx, month)
  const { deferred, released } = await findUsage(tx, month)
  const ids = await claimDeferred(tx, month, max)
  if (ids.length > 0) {
    await writeToOutbox(
      tx,
      knownTypes,
      ids.map((eventId) => ({ eventId, messageId: newId() })),
    )
  }
  // What went out in another way, by a replay for instance, waits no more, either.
  const isLast = isOver && ids.length < max
  await countReleased(tx, month, isLast ? Math.max(deferred - released, ids.length) : ids.length)
  return ids.length
}
