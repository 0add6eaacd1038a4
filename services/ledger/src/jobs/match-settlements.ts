import type { Job } from '@tributary/service-kit'
import type { LedgerMetrics } from '../metrics.ts'
import { settleLines } from '../steps/settle-lines.ts'
import { findDueLines } from '../store/settlement-queues.ts'
import { findWaiting, lockLedger } from '../store/settlements.ts'

/** At most this many lines in a step: a look takes about 8 ms, and a step that posts holds the ledger's lock as long as a batch of events. */
const LINES_MAX = 200

/**
 * Settles lines that came before what they settle. Looks at all that wait, again and again; posts, under the ledger's lock, what
 * has become due. A line is closed in the transaction that posts it, so two processes or a crash neither lose nor repeat one.
 */
export function matchSettlements(metrics: LedgerMetrics): Job {
  let after: string | null = null
  return {
    name: 'match-settlements',
    // Looking costs about 30 µs for each line that waits, and providers settle days later.
    everyMs: 10_000,
    async run({ db, transaction, now, newId }) {
      const { due, last } = await findDueLines(db, after, LINES_MAX)
      after = last
      if (due.length > 0) {
        await transaction(async (tx, publish) => {
          await lockLedger(tx)
          await settleLines(tx, publish, { now: now(), newId, metrics }, await findWaiting(tx, due))
        })
      }
      return last !== null
    },
  }
}
