import type { Service } from '@tributary/service-kit'

export { configShape } from './config.ts'

/** Will send the money; for now it serves health and metrics, so that everything around it is in place. */
export function payouts(): Service {
  return { name: 'payouts', routes: [], consumes: [], publishes: [], jobs: [] }
}
