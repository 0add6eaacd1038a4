import { type Database, openDatabase } from '@tributary/database'
import { INBOX_WINDOW_DAYS, type MessagingOptions, startMessaging } from '@tributary/messaging'
import { type Logger, type Metrics, newLogger, newMetrics } from '@tributary/observability'
import type { FastifyInstance } from 'fastify'
import type { JWTVerifyGetKey } from 'jose'

import { newAuthenticate, remoteKeys } from './auth.ts'
import { deadLetterRoutes } from './dead-letters.ts'
import { addDocs } from './docs-page.ts'
import { addHealth } from './health.ts'
import { listen, newHttp } from './http.ts'
import { newIds } from './ids.ts'
import { newLeadership } from './job-leadership.ts'
import type { KitConfig } from './kit-config.ts'
import { type Lifecycle, newLifecycle } from './lifecycle.ts'
import { keepTables, transportTables } from './maintenance.ts'
import { startMetricsListener } from './metrics-listener.ts'
import { migrationFolders } from './migration-folders.ts'
import { openApi } from './openapi.ts'
import { findPlan, onConfigChanged } from './plan.ts'
import type { InTransaction } from './route.ts'
import { runJobs } from './run-jobs.ts'
import type { Service } from './service.ts'
import { newInTransaction } from './transaction.ts'

export type StartOptions = Readonly<{
  config: KitConfig
  /** Default: the clock. */
  now?: () => Date
  /** Default: UUIDv7, ascending. */
  newId?: () => string
  log?: Logger
  /** Default: made here, without those of the process, since tests run several services in one. */
  metrics?: Metrics
  /** The keys that tokens are signed with. Default: fetched from AUTH_JWKS_URL. */
  authKeys?: JWTVerifyGetKey
  /** Default: those of the libraries and of the service of this name. */
  migrationFolders?: readonly string[]
  /** Patience with slow clients; for tests that are one. */
  headersTimeoutMs?: number
  requestTimeoutMs?: number
}>

export type RunningService = Readonly<{
  service: Service
  /** Without a slash at the end. */
  url: string
  /** Including /metrics. */
  metricsUrl: string
  db: Database
  metrics: Metrics
  brokerState(): string
  /** Whether no message is in hand here. */
  isIdle(): boolean
  /** Tells the relay to look into this stream now, or into all. */
  wake(stream?: string): void
  /** Drains requests and messages, then closes everything. Calling it twice is fine. Answers what could not be undone. */
  stop(): Promise<readonly string[]>
}>

type Complete = StartOptions & Required<Pick<StartOptions, 'now' | 'newId' | 'log' | 'metrics'>>

/**
 * Starts a service: database, messaging, jobs, HTTP, metrics. Neither database nor broker need to be there; /readyz says
 * what is missing. What started before a failure is undone.
 */
export async function startService(service: Service, options: StartOptions): Promise<RunningService> {
  const complete: Complete = {
    now: () => new Date(),
    newId: newIds(),
    log: newLogger(service.name, options.config.LOG_LEVEL),
    metrics: newMetrics(service.name),
    ...options,
  }
  const lifecycle = newLifecycle(complete.log)
  try {
    return await start(service, complete, lifecycle)
  } catch (error) {
    await lifecycle.stop()
    throw error
  }
}

async function start(service: Service, options: Complete, lifecycle: Lifecycle): Promise<RunningService> {
  const { config, log, now, newId, metrics } = options
  service.instrument?.(metrics)
  const directUrl = config.DATABASE_DIRECT_URL ?? config.DATABASE_URL

  const applicationName = `tributary-${service.name}`
  const db = openDatabase({ url: config.DATABASE_URL, applicationName, poolMax: config.DATABASE_POOL_MAX })
  lifecycle.defer('database', () => db.destroy())

  const listener = await startMetricsListener({
    metrics,
    host: config.HTTP_HOST,
    port: config.METRICS_PORT,
    refresh: newMeasure(service, db, log),
  })
  lifecycle.defer('metrics', () => listener.stop())

  const messaging = startMessaging(messagingOptions(service, options, db, directUrl))
  lifecycle.defer('messaging', () => messaging.stop())
  if (service.stop) lifecycle.defer('service', service.stop)

  const transaction = newInTransaction({
    service: service.name,
    db,
    now,
    newId,
    wake: () => messaging.wake('outbox'),
  })
  const jobs = runJobs({
    jobs: [...service.jobs, keepTables([...transportTables(INBOX_WINDOW_DAYS), ...(service.tables ?? [])], metrics)],
    leadership: newLeadership({ url: directUrl, applicationName: `${applicationName}-jobs` }),
    context: { db, transaction, now, newId, service: service.name },
    metrics,
    log,
  })
  lifecycle.defer('jobs', () => jobs.stop())

  const { brokerState, isIdle, wake } = messaging
  const app = newApi(service, options, { db, transaction, brokerState, wake })
  lifecycle.defer('http', () => app.close())
  const url = await listen(app, config.HTTP_HOST, config.HTTP_PORT)
  log.info({ event: 'service.started', port: Number(new URL(url).port) }, 'started')

  return {
    service,
    url,
    metricsUrl: listener.url,
    db,
    metrics,
    brokerState,
    isIdle,
    wake,
    stop: () => lifecycle.stop(),
  }
}

/** The service's own measuring, which must not keep a scrape from its answer. */
function newMeasure(service: Service, db: Database, log: Logger): () => Promise<void> {
  return async () => {
    try {
      await service.measure?.(db)
    } catch (error) {
      log.warn({ event: 'metrics.stale', err: error }, 'what the database holds could not be measured')
    }
  }
}

function messagingOptions(
  service: Service,
  { config, metrics, log, now, newId }: Complete,
  db: Database,
  directUrl: string,
): MessagingOptions {
  return {
    service: service.name,
    amqpUrl: config.AMQP_URL,
    db,
    directUrl,
    consumes: service.consumes,
    streams: service.streams ?? [],
    batchMax: config.CONSUME_BATCH_MAX,
    prefetch: config.CONSUME_PREFETCH,
    relayBatchMax: config.RELAY_BATCH_MAX,
    metrics,
    log,
    now,
    newId,
  }
}

type Behind = Readonly<{
  db: Database
  transaction: InTransaction
  brokerState: () => string
  wake: (stream?: string) => void
}>

/** The service's own routes, and those every service has. */
function newApi(service: Service, options: Complete, { db, transaction, brokerState, wake }: Behind): FastifyInstance {
  const { config, log, metrics, now, newId } = options
  const authenticate = newAuthenticate({
    issuer: config.AUTH_ISSUER,
    keys: options.authKeys ?? service.authKeys ?? remoteKeys(config.AUTH_JWKS_URL),
  })
  const routes = [...service.routes, ...deadLetterRoutes(service.name)]
  const surroundings = { db, transaction, now, newId, log, authenticate, wake }
  const app = newHttp({ ...options, routes, surroundings, metrics, log })
  const hearsPlan = service.consumes.includes(onConfigChanged)
  addHealth(app, {
    db,
    migrationFolders: options.migrationFolders ?? migrationFolders(service.name),
    brokerState,
    ...(hearsPlan ? { plan: () => findPlan(db) } : {}),
  })
  addDocs(app, service.name, () => openApi(service.name, routes))
  return app
}
