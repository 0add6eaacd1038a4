import { referralExpired } from '@tributary/contracts'
import type { Job } from '@tributary/service-kit'
import { lockReferees } from '../store/referees.ts'
import { expireReferrals, listReferralsToExpire } from '../store/referrals.ts'

/** Few enough that nobody waits long for one of these customers. */
const EXPIRE_MAX = 200

/**
 * Marks and tells referrals whose first payment did not come in time. Nothing is decided by the mark: what a payment
 * earns goes by when it happened, so one that happened in time and is told later still converts.
 */
export const expireReferralsInTime: Job = {
  name: 'expire-referrals',
  everyMs: 60_000,
  async run({ transaction, now }) {
    const at = now()
    return transaction(async (tx, publish) => {
      const customers = await listReferralsToExpire(tx, at, EXPIRE_MAX)
      if (customers.length === 0) return false
      await lockReferees(tx, customers, at)
      for (const { id, refereeId, expiresAt, ...parties } of await expireReferrals(tx, customers, at)) {
        publish(referralExpired, {
          data: { referralId: id, refereeId, ...parties },
          // Nothing but time caused it; it goes back to the customer.
          because: { correlationId: refereeId, subject: refereeId },
          time: expiresAt,
        })
      }
      return customers.length === EXPIRE_MAX
    })
  },
}
