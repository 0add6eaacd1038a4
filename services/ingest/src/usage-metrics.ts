import type { Database } from '@tributary/database'
import { type BoundedGauge, type Metrics, newGauge } from '@tributary/observability'
import { usedRatio } from './domain/quota.ts'
import { findQuota } from './store/system-configs.ts'
import { findUsageNow } from './store/usage.ts'

/** Shows how much of the month's quota is used, as the database has it. */
export function newUsageMetrics() {
  let gauge: BoundedGauge<Record<never, never>> | null = null
  return {
    instrument({ registry }: Metrics): void {
      gauge = newGauge(registry, {
        name: 'quota_used_ratio',
        help: "Events accepted this month by the plan's events a month; above 1, events are deferred. 0 without a limit.",
        labels: {},
      })
    },
    async measure(db: Database): Promise<void> {
      const { used } = await findUsageNow(db)
      gauge?.set({}, usedRatio(used, await findQuota(db)))
    },
  }
}
