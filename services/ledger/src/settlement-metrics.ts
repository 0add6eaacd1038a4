import type { Database } from '@tributary/database'
import { type BoundedCounter, type BoundedGauge, type Metrics, newCounter, newGauge } from '@tributary/observability'
import { unmatchedReasons } from './domain/settlement.ts'
import { measureQueues } from './store/settlement-queues.ts'

const results = ['matched', 'unmatched', 'dismissed', 'conflict', 'repeated'] as const
const awaited = ['payout', 'refund'] as const

export type SettlementMetrics = Readonly<{
  instrument(metrics: Metrics): void
  /** Counts a line of a file, by what it was answered. */
  received(result: (typeof results)[number]): void
  /** Brings the sizes and ages of both queues up to date. */
  measure(db: Database): Promise<void>
}>

type Instruments = Readonly<{
  lines: BoundedCounter<{ result: typeof results }>
  unmatched: BoundedGauge<{ reason: typeof unmatchedReasons }>
  unmatchedAge: BoundedGauge<Record<never, never>>
  outstanding: BoundedGauge<{ type: typeof awaited }>
  outstandingAge: BoundedGauge<Record<never, never>>
}>

/** What is known of settlements; silent until a service is started with it. */
export function newSettlementMetrics(): SettlementMetrics {
  let own: Instruments | null = null
  return {
    instrument(metrics) {
      own = newInstruments(metrics)
    },
    received: (result) => own?.lines.inc({ result }),
    async measure(db) {
      const sizes = await measureQueues(db)
      for (const reason of unmatchedReasons) own?.unmatched.set({ reason }, sizes.unmatched.get(reason) ?? 0)
      for (const type of awaited) own?.outstanding.set({ type }, sizes.outstanding.get(type) ?? 0)
      own?.unmatchedAge.set({}, sizes.oldestUnmatchedSeconds)
      own?.outstandingAge.set({}, sizes.oldestOutstandingSeconds)
    },
  }
}

function newInstruments({ registry }: Metrics): Instruments {
  return {
    lines: newCounter(registry, {
      name: 'settlement_lines_total',
      help: 'Settlement lines handed in, by what they were answered.',
      labels: { result: results },
    }),
    unmatched: newGauge(registry, {
      name: 'settlements_unmatched',
      help: 'Settlement lines that fit nothing, or nothing yet, by reason.',
      labels: { reason: unmatchedReasons },
    }),
    unmatchedAge: newGauge(registry, {
      name: 'settlements_unmatched_oldest_age_seconds',
      help: 'How long the oldest unmatched settlement line has waited; 0 without one.',
      labels: {},
    }),
    outstanding: newGauge(registry, {
      name: 'settlements_outstanding',
      help: 'Cashouts that were paid (payout), or came back (refund), and are not settled by their provider.',
      labels: { type: awaited },
    }),
    outstandingAge: newGauge(registry, {
      name: 'settlements_outstanding_oldest_age_seconds',
      help: 'How long the oldest of them has waited for its settlement; 0 without one.',
      labels: {},
    }),
  }
}
