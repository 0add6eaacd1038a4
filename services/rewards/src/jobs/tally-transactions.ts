import { rewardTallied } from '@tributary/contracts'
import type { Currency } from '@tributary/money'
import type { Job } from '@tributary/service-kit'
import { splitLines } from '../domain/tally.ts'
import { tallyNextDay } from '../store/tallies.ts'

const MINUTE_MS = 60_000
/** Longer than any transaction stays open, and than clocks differ: a day's last transactions are in by then. */
const GRACE_MS = 10 * MINUTE_MS

/**
 * Says of each day that has ended how many reward transactions it had, and their sum, once. A day is claimed by its row,
 * so several processes may run this. A transaction's day is the one inside its id, which the ledger has, too.
 */
export const tallyTransactions: Job = {
  name: 'tally-transactions',
  everyMs: 5 * MINUTE_MS,
  async run({ transaction, now, newId }) {
    const at = now()
    return transaction(async (tx, publish) => {
      const tally = await tallyNextDay(tx, { id: newId(), closedBy: new Date(at.getTime() - GRACE_MS), now: at })
      if (tally === null) return false
      const { id, day } = tally
      const lines = splitLines(tally.lines).map((line) => ({ ...line, currency: line.currency as Currency }))
      // Nothing but time caused it.
      publish(rewardTallied, {
        data: { tallyId: id, day, lines },
        because: { correlationId: id, subject: id },
        time: at,
      })
      return true
    })
  },
}
