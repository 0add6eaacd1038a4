import { performance } from 'node:perf_hooks'
import { type ServiceName, serviceNames } from '@tributary/contracts'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { newCounter, newGauge, newHistogram } from './instruments.ts'

/** One service's registry and the metrics that every service has. A service adds its own with `newCounter(metrics.registry, ...)`. */
export type Metrics = ReturnType<typeof newMetrics>

/** The states of a circuit breaker, as `circuit_state` shows them. */
export const circuitStates = { closed: 0, halfOpen: 1, open: 2 } as const

// From a fast answer (1 ms) to a request's longest life (10 s).
const requestSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
// From a message that was fetched at once to one that waited for a broker to come back.
const waitSeconds = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 3600]
const batchSizes = [1, 2, 5, 10, 20, 50, 100, 200, 500]

/**
 * A registry of its own for each service, since tests run several in one process.
 * `processMetrics` adds prom-client's process_* and nodejs_*; they watch the whole process, so once is enough.
 */
export function newMetrics(service: ServiceName, { processMetrics = false }: { processMetrics?: boolean } = {}) {
  const registry = new Registry()
  // 50 ms: the finer default wakes an idle process a hundred times a second.
  if (processMetrics) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 })
  watchEventLoop(registry)
  return {
    service,
    registry,
    ...httpMetrics(registry),
    ...messagingMetrics(registry, service),
    ...workMetrics(registry),
  }
}

function httpMetrics(registry: Registry) {
  return {
    httpRequestDuration: newHistogram(registry, {
      name: 'http_request_duration_seconds',
      help: 'From the first byte of a request to the last byte of its answer.',
      labels: { route: ['other'], method: ['other'], code: ['other'] },
      buckets: requestSeconds,
    }),
    circuitState: newGauge(registry, {
      name: 'circuit_state',
      help: 'Whether calls to a remote service go through: 0 closed (they do), 1 half open, 2 open (they fail at once).',
      labels: { name: [] as string[] },
    }),
  }
}

function messagingMetrics(registry: Registry, service: ServiceName) {
  const own = { service: serviceNames.filter((name) => name === service) }
  return {
    outboxPending: newGauge(registry, {
      name: 'outbox_pending',
      help: 'Events committed but not yet confirmed by the broker.',
      labels: own,
    }),
    outboxOldestAge: newGauge(registry, {
      name: 'outbox_oldest_age_seconds',
      help: 'How long the oldest unpublished event has waited.',
      labels: {},
    }),
    relayGuardLag: newGauge(registry, {
      name: 'relay_guard_lag_seconds',
      help: 'Age of the oldest open write transaction, which holds back everything committed after it began.',
      labels: {},
    }),
    messagesPublished: newCounter(registry, {
      name: 'messages_published_total',
      help: 'Publications by what the broker said; `unreadable` were parked instead, for a person.',
      labels: { result: ['confirmed', 'refused', 'failed', 'unreadable'] },
    }),
    messagesConsumed: newCounter(registry, {
      name: 'messages_consumed_total',
      help: 'Messages by what became of them; the type is `other` where nobody could tell.',
      labels: {
        queue: [] as string[],
        type: [] as string[],
        result: ['done', 'ignored', 'duplicate', 'retried', 'parked'],
      },
    }),
    messageWait: newHistogram(registry, {
      name: 'message_wait_seconds',
      help: 'From the publication of a message to the start of its handling.',
      labels: {},
      buckets: waitSeconds,
    }),
    messageBatchSize: newHistogram(registry, {
      name: 'message_batch_size',
      help: 'Messages handled in one transaction.',
      labels: {},
      buckets: batchSizes,
    }),
    deadLettersParked: newGauge(registry, {
      name: 'dead_letters_parked',
      help: 'Parked messages that wait for a person.',
      labels: own,
    }),
    brokerBlocked: newGauge(registry, {
      name: 'broker_blocked',
      help: '1 while the broker refuses to take messages because it is short of memory or disk.',
      labels: {},
    }),
  }
}

function workMetrics(registry: Registry) {
  return {
    jobLastSuccess: newGauge(registry, {
      name: 'job_last_success_timestamp_seconds',
      help: 'When this process last ran the job to its end; 0 for never. Take the highest over all processes.',
      labels: { job: [] as string[] },
    }),
    jobRuns: newCounter(registry, {
      name: 'job_runs_total',
      help: 'Steps of jobs by how they ended.',
      labels: { job: [] as string[], result: ['ok', 'failed'] },
    }),
    partitionsAhead: newGauge(registry, {
      name: 'partitions_ahead',
      help: 'Partitions that stand ready for the time to come. At 0, inserts soon fail.',
      labels: { table: [] as string[] },
    }),
  }
}

/** The share of the time since the last scrape in which the event loop was busy. */
function watchEventLoop(registry: Registry): void {
  let last = performance.eventLoopUtilization()
  newGauge(registry, {
    name: 'eventloop_utilization_ratio',
    help: 'Share of the time since the last scrape in which the event loop was busy; near 1 is saturated.',
    labels: {},
    collect() {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, last)
      last = now
      return Number.isFinite(utilization) ? utilization : 0
    },
  })
}
