import {
  type BoundedCounter,
  type BoundedHistogram,
  type Metrics,
  newCounter,
  newHistogram,
} from '@tributary/observability'
import { type TransferKind, transferKinds } from './domain/chart.ts'

export type LedgerMetrics = Readonly<{
  instrument(metrics: Metrics): void
  /** Counts a transfer that was written (null: by no event); a batch that is rolled back and handled again is counted again. */
  posted(kind: TransferKind, secondsSinceEvent: number | null): void
  partitionsAhead(months: number): void
}>

// From an event that was handled at once to one that waited for a person.
const eventSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86_400]

type Instruments = Readonly<{
  transfers: BoundedCounter<{ kind: readonly TransferKind[] }>
  eventToLedger: BoundedHistogram<Record<never, never>>
  partitions: Metrics['partitionsAhead']
}>

/** The ledger's own instruments; silent until a service is started with them. */
export function newLedgerMetrics(): LedgerMetrics {
  let own: Instruments | null = null
  return {
    instrument(metrics) {
      own = newInstruments(metrics)
    },
    posted(kind, secondsSinceEvent) {
      own?.transfers.inc({ kind })
      // Not every clock is right: a sender's may be ahead of ours.
      if (secondsSinceEvent !== null) own?.eventToLedger.observe({}, Math.max(secondsSinceEvent, 0))
    },
    partitionsAhead(months) {
      for (const table of partitioned) own?.partitions.set({ table }, months)
    },
  }
}

const partitioned = ['transfers', 'ledger_entries']

function newInstruments({ registry, partitionsAhead }: Metrics): Instruments {
  partitionsAhead.allow({ table: partitioned })
  return {
    partitions: partitionsAhead,
    transfers: newCounter(registry, {
      name: 'ledger_transfers_total',
      help: 'Transfers posted, by kind.',
      labels: { kind: transferKinds },
    }),
    eventToLedger: newHistogram(registry, {
      name: 'event_to_ledger_seconds',
      help: "From when the sender's event happened to the posting of its transfer.",
      labels: {},
      buckets: eventSeconds,
    }),
  }
}
