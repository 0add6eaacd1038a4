import { screeningPassed } from '@tributary/contracts'
import type { Service } from '@tributary/service-kit'
import { getScreening } from './http/get-screening.ts'
import { listScreenings } from './http/list-screenings.ts'
import { onRewardEarned } from './messages/reward.earned.ts'
import { newScreeningCounter } from './metrics.ts'

export { configShape } from './config.ts'

/** Screens what others want to let through. For now every reward passes; the release of rewards waits for it already. */
export function fraud(): Service {
  const counter = newScreeningCounter()
  return {
    name: 'fraud',
    routes: [listScreenings, getScreening],
    consumes: [onRewardEarned(counter)],
    publishes: [screeningPassed],
    jobs: [],
    instrument: counter.instrument,
  }
}
