import { type Metrics, newCounter, newHistogram } from '@tributary/observability'
import type { RequestContext } from '@tributary/service-kit'
import { firstAdapterSecrets, type IngestConfig } from '../config.ts'
import { type Journal, newJournal } from '../store/journal.ts'
import { JOURNAL } from '../store/journal-stream.ts'
import { newMeteredJournal } from '../store/metered-journal.ts'
import { newQuota, type Quota } from '../store/quota.ts'
import { newRejectionLog, type RejectionLog } from '../store/rejections.ts'
import { newSealing, type Sealing } from '../store/sealing.ts'
import { type AdapterSecrets, newAdapterSecrets } from './adapter-secrets.ts'
import { newRateLimits, type RateLimits } from './rate-limits.ts'
import { newRoom, type Room } from './room.ts'
import { newWebhookSecrets, type WebhookSecrets } from './webhook-secrets.ts'

/** What the intake keeps between requests. */
export type Intake = Readonly<{
  /** The same for all requests of a service: they commit together. */
  journal(context: Pick<RequestContext, 'db' | 'wake' | 'newId'>): Journal
  secrets: WebhookSecrets
  adapterSecrets: AdapterSecrets
  sealing: Sealing
  limits: RateLimits
  room: Room
  rejections: RejectionLog
  /** Counts an answer: `accepted`, `duplicate`, or the code of a problem. */
  observe(result: string, seconds: number): void
  instrument(metrics: Metrics): void
  /** Waits for what is on its way to the database. */
  drain(): Promise<void>
}>

/** What a webhook's answer is counted as. */
export const intakeProblems = [
  'payload_too_large',
  'rate_limited',
  'adapter_not_configured',
  'signature_missing',
  'signature_malformed',
  'signature_mismatch',
  'timestamp_outside_tolerance',
  'content_type_unsupported',
  'payload_invalid',
  'cause_not_known',
  'idempotency_conflict',
  'temporarily_unavailable',
] as const

export function newIntake(config: IngestConfig): Intake {
  const sealing = newSealing(config.SECRETS_KEY)
  const rejections = newRejectionLog()
  const limits = newRateLimits(config)
  let quota: Quota | null = null
  let journal: Journal | null = null
  let observe: Intake['observe'] = () => {}
  return {
    journal({ db, wake, newId }) {
      limits.share(db, newId)
      // Every process has leases of its own.
      quota ??= newQuota(newId())
      journal ??= newMeteredJournal(
        newJournal(db, config.INTAKE_BATCH_MAX, () => wake(JOURNAL)),
        quota,
        db,
      )
      return journal
    },
    secrets: newWebhookSecrets(sealing, { plan: config.INITIAL_PLAN, webhookSecret: config.WEBHOOK_SECRET }),
    adapterSecrets: newAdapterSecrets(sealing, firstAdapterSecrets(config)),
    sealing,
    limits,
    room: newRoom(),
    rejections,
    observe: (result, seconds) => observe(result, seconds),
    instrument(metrics) {
      observe = newObserve(metrics)
    },
    async drain() {
      await journal?.drain()
      await quota?.giveBack()
      await rejections.drain()
    },
  }
}

function newObserve({ registry }: Metrics): Intake['observe'] {
  const received = newCounter(registry, {
    name: 'webhooks_received_total',
    help: 'Webhooks by how they were answered.',
    labels: { result: ['accepted', 'duplicate', ...intakeProblems, 'internal_error'] },
  })
  const duration = newHistogram(registry, {
    name: 'webhook_ack_duration_seconds',
    help: 'From a webhook with its whole body to its answer, of those that were stored.',
    labels: {},
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  })
  return (result, seconds) => {
    received.inc({ result })
    if (result === 'accepted' || result === 'duplicate') duration.observe({}, seconds)
  }
}
