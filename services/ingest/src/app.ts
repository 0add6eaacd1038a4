import { configChanged, customEvent } from '@tributary/contracts'
import type { Service } from '@tributary/service-kit'
import type { IngestConfig } from './config.ts'
import { ingestConsumers } from './consumers.ts'
import { newIntake } from './http/intake.ts'
import { knownEvents } from './http/webhook-payload.ts'
import { announceConfig } from './jobs/announce-config.ts'
import { countUsage } from './jobs/count-usage.ts'
import { dropOldDays } from './jobs/drop-old-days.ts'
import { erasePeople } from './jobs/erase-people.ts'
import { pruneRejections } from './jobs/prune-rejections.ts'
import { releaseDeferredEvents } from './jobs/release-deferred-events.ts'
import { replayRanges } from './jobs/replay-ranges.ts'
import { newSigningKeys } from './proof/keys.ts'
import { routes } from './routes.ts'
import { journalStream } from './store/journal-stream.ts'
import { replayStream } from './store/replay-stream.ts'
import { newUsageMetrics } from './usage-metrics.ts'

export { configShape } from './config.ts'
export { readPublicKeys } from './proof/keys.ts'
export { faultsOfReceipt, type Receipt } from './proof/receipt.ts'

/** Takes webhooks in, keeps them for ever, publishes them, and tells what became of them. */
export function ingest(config: IngestConfig): Service {
  const intake = newIntake(config)
  const usage = newUsageMetrics()
  const knownTypes = knownEvents.map((event) => event.type)
  const keys = newSigningKeys(config.INGEST_SIGNING_KEY, config.INGEST_RETIRED_PUBLIC_KEYS)
  return {
    name: 'ingest',
    routes: routes(intake, keys),
    consumes: ingestConsumers,
    publishes: [...knownEvents, customEvent, configChanged],
    jobs: [
      announceConfig(intake.secrets.config),
      countUsage,
      pruneRejections,
      erasePeople,
      ...dropOldDays(config),
      releaseDeferredEvents({ knownTypes, perSecond: config.INGEST_RELEASES_PER_SECOND }),
      replayRanges,
    ],
    streams: [journalStream(knownTypes), replayStream(knownTypes)],
    tables: ['webhook_events', 'effects', 'event_statuses'].map((table) => ({ table, kind: 'uuid-day', ahead: 7 })),
    instrument(metrics) {
      intake.instrument(metrics)
      usage.instrument(metrics)
    },
    measure: (db) => usage.measure(db),
    stop: intake.drain,
  }
}
