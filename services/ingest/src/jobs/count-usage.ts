import type { Job } from '@tributary/service-kit'
import { monthOf, noticesDue } from '../domain/quota.ts'
import { deleteEndedLeases } from '../store/quota-leases.ts'
import { findQuota } from '../store/system-configs.ts'
import { addUp, findUsage, insertNotice } from '../store/usage.ts'

const STEP_ROWS = 10_000

/** Adds up what the intake counted, and says once when much or all of a month's quota is used. */
export const countUsage: Job = {
  name: 'count-usage',
  everyMs: 10_000,
  async run({ db, transaction, now, log }) {
    const at = now()
    const isMore = await transaction(async (tx) => {
      await deleteEndedLeases(tx)
      return addUp(tx, STEP_ROWS)
    })
    const month = monthOf(at)
    const quota = await findQuota(db)
    const { used } = await findUsage(db, month)
    for (const percent of noticesDue(used, quota)) {
      const notice = { month, quota: quota!, percent, at }
      if (!(await transaction((tx) => insertNotice(tx, notice)))) continue
      const fields = { event: 'quota.reached', usedCount: used, quotaMax: quota, name: month }
      log.warn(fields, `${percent} % of the events of this month's plan are used`)
    }
    return isMore
  },
}
