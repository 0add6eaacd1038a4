import type { Job } from '@tributary/service-kit'
import { lockReferees } from '../store/referees.ts'
import { expireReferrals, listReferralsToExpire } from '../store/referrals.ts'

const DAY_MS = 86_400_000

/** Few enough that nobody waits long for one of these customers. */
const EXPIRE_MAX = 200

/**
 * Ends referrals whose customer has not paid within so many days of registering; payments from then on earn nothing. A
 * payment that is being decided holds its customer, so a referral either converts or expires.
 */
export function expireReferralsAfter(days: number): Job {
  return {
    name: 'expire-referrals',
    everyMs: 60_000,
    async run({ transaction, now }) {
      const at = now()
      const before = new Date(at.getTime() - days * DAY_MS)
      return transaction(async (tx) => {
        const customers = await listReferralsToExpire(tx, before, EXPIRE_MAX)
        if (customers.length === 0) return false
        await lockReferees(tx, customers, at)
        await expireReferrals(tx, customers, before, at)
        return customers.length === EXPIRE_MAX
      })
    },
  }
}
