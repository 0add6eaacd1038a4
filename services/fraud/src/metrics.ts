import { type BoundedCounter, type Metrics, newCounter } from '@tributary/observability'
import { type Decision, decisions } from './domain/screening.ts'

export type ScreeningCounter = Readonly<{
  instrument(metrics: Metrics): void
  count(decision: Decision): void
}>

/** Counts screenings when they are written; a batch that is rolled back and handled again is counted again. */
export function newScreeningCounter(): ScreeningCounter {
  let counter: BoundedCounter<{ decision: readonly Decision[] }> | null = null
  return {
    instrument({ registry }) {
      counter = newCounter(registry, {
        name: 'screenings_total',
        help: 'Screenings by how they ended.',
        labels: { decision: decisions },
      })
    },
    count: (decision) => counter?.inc({ decision }),
  }
}
