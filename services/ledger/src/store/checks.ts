import { archiveChecks } from './checks/archives.ts'
import { chainChecks } from './checks/chain.ts'
import { chartChecks } from './checks/chart.ts'
import type { Check } from './checks/check.ts'
import { historyChecks } from './checks/history.ts'
import { projectionChecks } from './checks/projections.ts'
import { requestChecks } from './checks/requests.ts'
import { recentStandingChecks, standingChecks } from './checks/standing.ts'
import { touchedChecks, touchedPositionChecks } from './checks/touched.ts'

/**
 * All that makes the books right. Every table that money is read from appears in one of these: what no check looks at
 * could be altered unseen. A check that stands on its own for any part of the history belongs to `historyChecks` or
 * `chainChecks`, and then both verifications run it.
 */
export const fullChecks: readonly Check[] = [
  ...chartChecks,
  ...historyChecks,
  ...projectionChecks,
  ...requestChecks,
  ...chainChecks,
  ...archiveChecks,
  ...standingChecks,
]

/** The same for what is new. Positions can only be compared where that reaches the end of all that was posted. */
export const newEntryChecks: readonly Check[] = [...chartChecks, ...historyChecks, ...touchedChecks, ...chainChecks]
export { recentStandingChecks, touchedPositionChecks }
