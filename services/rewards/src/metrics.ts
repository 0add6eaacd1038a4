import type { Consumer } from '@tributary/messaging'
import { type BoundedCounter, type Metrics, newCounter } from '@tributary/observability'

const outcomes = ['processed', 'ignored'] as const

export type DecisionCounter = Readonly<{
  instrument(metrics: Metrics): void
  /** The same handler; what it decides is counted. */
  counted(consumer: Consumer): Consumer
}>

/**
 * Counts the first answers to senders' events. A batch that is rolled back and handled again is counted again, and an
 * event that comes again after it was decided counts as ignored.
 */
export function newDecisionCounter(): DecisionCounter {
  let counter: BoundedCounter<{ outcome: readonly (typeof outcomes)[number][] }> | null = null
  return {
    instrument({ registry }) {
      counter = newCounter(registry, {
        name: 'rewards_decided_total',
        help: "Senders' events by what their decision was.",
        labels: { outcome: outcomes },
      })
    },
    counted: (consumer) => ({
      event: consumer.event,
      async handle(...given) {
        const decided = await consumer.handle(...given)
        const processed = decided.filter(({ kind }) => kind === 'done').length
        const ignored = decided.filter(({ kind }) => kind === 'ignored').length
        if (processed > 0) counter?.inc({ outcome: 'processed' }, processed)
        if (ignored > 0) counter?.inc({ outcome: 'ignored' }, ignored)
        return decided
      },
    }),
  }
}
