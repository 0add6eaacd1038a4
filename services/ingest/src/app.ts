import { configChanged, customEvent } from '@tributary/contracts'
import type { Service } from '@tributary/service-kit'
import type { IngestConfig } from './config.ts'
import { newIntake } from './http/intake.ts'
import { knownEvents } from './http/webhook-payload.ts'
import { announceConfig } from './jobs/announce-config.ts'
import { pruneRejections } from './jobs/prune-rejections.ts'
import { replayRanges } from './jobs/replay-ranges.ts'
import { onCashoutCancelled } from './messages/cashout.cancelled.ts'
import { onCashoutFailed } from './messages/cashout.failed.ts'
import { onCashoutPaid } from './messages/cashout.paid.ts'
import { onCashoutRejected } from './messages/cashout.rejected.ts'
import { onCashoutRequested } from './messages/cashout.requested.ts'
import { onCashoutReturned } from './messages/cashout.returned.ts'
import { onDecisionRecorded } from './messages/decision.recorded.ts'
import { onParked } from './messages/parked.ts'
import { onRewardHeld } from './messages/reward.held.ts'
import { onRewardReleased } from './messages/reward.released.ts'
import { onRewardResumed } from './messages/reward.resumed.ts'
import { onRewardReversed } from './messages/reward.reversed.ts'
import { onScreeningFailed } from './messages/screening.failed.ts'
import { onScreeningHeld } from './messages/screening.held.ts'
import { onTransferPosted } from './messages/transfer.posted.ts'
import { onTransferRefused } from './messages/transfer.refused.ts'
import { routes } from './routes.ts'
import { journalStream } from './store/journal-stream.ts'
import { replayStream } from './store/replay-stream.ts'

export { configShape } from './config.ts'

/** Takes webhooks in, keeps them for ever, publishes them, and tells what became of them. */
export function ingest(config: IngestConfig): Service {
  const intake = newIntake(config)
  const knownTypes = knownEvents.map((event) => event.type)
  return {
    name: 'ingest',
    routes: routes(intake),
    consumes: [
      onDecisionRecorded,
      onTransferPosted,
      onTransferRefused,
      onParked,
      onCashoutCancelled,
      onCashoutFailed,
      onCashoutPaid,
      onCashoutRejected,
      onCashoutRequested,
      onCashoutReturned,
      onRewardHeld,
      onRewardReleased,
      onRewardResumed,
      onRewardReversed,
      onScreeningFailed,
      onScreeningHeld,
    ],
    publishes: [...knownEvents, customEvent, configChanged],
    jobs: [announceConfig(intake.secrets.config), pruneRejections, replayRanges],
    streams: [journalStream(knownTypes), replayStream(knownTypes)],
    tables: ['webhook_events', 'effects', 'event_statuses'].map((table) => ({ table, kind: 'uuid-day', ahead: 7 })),
    instrument: intake.instrument,
    stop: intake.drain,
  }
}
