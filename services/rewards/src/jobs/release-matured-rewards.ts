import { rewardReleased } from '@tributary/contracts'
import type { Currency } from '@tributary/money'
import type { Job } from '@tributary/service-kit'
import { claimMatured, releaseRewards } from '../store/rewards.ts'

/** Few enough that a step's locks are held for milliseconds. */
const RELEASE_MAX = 200

/**
 * Releases rewards that are due, passed their screening, and are neither held nor taken back. A reward is claimed by
 * its row lock and marked in the same transaction, so several processes may run this and each reward goes out once.
 */
export function releaseMaturedRewards(everyMs: number): Job {
  return {
    name: 'release-matured-rewards',
    everyMs,
    async run({ transaction, now, newId }) {
      const at = now()
      return transaction(async (tx, publish) => {
        const claimed = await claimMatured(tx, at, RELEASE_MAX)
        if (claimed.length === 0) return false
        const released = claimed.map((reward) => ({ ...reward, transactionId: newId() }))
        await releaseRewards(tx, released, at)
        for (const { rewardId, transactionId, userId, amount, currency, eventId } of released) {
          const data = { rewardId, transactionId, userId, amount, currency: currency as Currency }
          // Nothing but time caused it; it goes back to the sender's event that earned the reward.
          publish(rewardReleased, { data, because: { correlationId: eventId, subject: eventId }, time: at })
        }
        return claimed.length === RELEASE_MAX
      })
    },
  }
}
