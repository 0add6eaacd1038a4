import { customEvent } from '@tributary/contracts'
import type { Service } from '@tributary/service-kit'
import type { IngestConfig } from './config.ts'
import { newIntake } from './http/intake.ts'
import { receiveWebhook } from './http/receive-webhook.ts'
import { knownEvents } from './http/webhook-payload.ts'
import { journalStream } from './store/journal-stream.ts'

/** Takes webhooks in, keeps them for ever, publishes them, and tells what became of them. */
export function ingest(config: IngestConfig): Service {
  const intake = newIntake(config)
  return {
    name: 'ingest',
    routes: [receiveWebhook(intake)],
    consumes: [],
    publishes: [...knownEvents, customEvent],
    jobs: [],
    streams: [journalStream(knownEvents.map((event) => event.type))],
    tables: [
      { table: 'webhook_events', kind: 'uuid-day', ahead: 7 },
      { table: 'effects', kind: 'uuid-day', ahead: 7 },
      { table: 'event_statuses', kind: 'uuid-day', ahead: 7 },
    ],
    instrument: intake.instrument,
    stop: intake.drain,
  }
}
