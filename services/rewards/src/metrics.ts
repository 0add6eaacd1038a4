import type { Database } from '@tributary/database'
import type { Consumer } from '@tributary/messaging'
import { type BoundedCounter, type BoundedGauge, type Metrics, newCounter, newGauge } from '@tributary/observability'
import { countRefusals } from './store/refusals.ts'

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

const kinds = ['earned', 'held', 'released', 'resumed', 'reversed'] as const

export type RefusalGauge = Readonly<{
  instrument(metrics: Metrics): void
  measure(db: Database): Promise<void>
}>

/** Shows what the ledger ever refused, from the database: every process shows the same, also after a restart. */
export function newRefusalGauge(): RefusalGauge {
  let gauge: BoundedGauge<{ kind: readonly (typeof kinds)[number][] }> | null = null
  return {
    instrument({ registry }) {
      gauge = newGauge(registry, {
        name: 'rewards_refused_movements',
        help: 'Movements of rewards that the ledger refused for good, ever; each more is an alarm.',
        labels: { kind: kinds },
      })
    },
    async measure(db) {
      const counts = await countRefusals(db)
      for (const kind of kinds) gauge?.set({ kind }, counts.get(kind) ?? 0)
    },
  }
}
