import type { ServiceName } from '@tributary/contracts'
import { type Database, openSession } from '@tributary/database'
import type { Logger, Metrics } from '@tributary/observability'
import { realClockwork } from './backoff.ts'
import { type ConsumeLink, openConsumeLink, openPublishLink, type PublishLink } from './broker.ts'
import type { Consumer } from './consume.ts'
import { type ConsumerOptions, deadWorker, mainWorker, type QueueWorker } from './consumer.ts'
import { outboxStream, type Relay, startRelay } from './relay.ts'
import type { Backlog } from './relay-backlog.ts'
import type { RelayStream } from './relay-stream.ts'
import type { LinkState } from './supervise.ts'
import { delayTiers, exchanges, isListening } from './topology.ts'

export type MessagingOptions = Readonly<{
  service: ServiceName
  amqpUrl: string
  db: Database
  /** For the relay's own connections; not through a pooler that shares sessions. */
  directUrl: string
  consumes: readonly Consumer[]
  /** Streams beside the outbox. */
  streams: readonly RelayStream[]
  /** At most this many messages in one transaction. 200: the gain is taken by then, and a failure halves few times. */
  batchMax: number
  prefetch: number
  relayBatchMax: number
  metrics: Metrics
  log: Logger
  now: () => Date
  newId: () => string
}>

export type Messaging = Readonly<{
  /** Something was committed to this stream, to any without a name: publish it now rather than at the next poll. */
  wake(stream?: string): void
  brokerState(): LinkState
  /** Whether nothing is in hand here: no delivery waits and no batch runs. */
  isIdle(): boolean
  /** Takes no more messages, finishes the batch in hand, confirms what was sent, closes. */
  stop(): Promise<void>
}>

/** Starts the relay and the consumers of a service. The broker may be away: both wait for it, and say so. */
export function startMessaging(options: MessagingOptions): Messaging {
  const { service, log, metrics } = options
  const onError = (error: unknown) => log.warn({ event: 'messaging-trouble', err: error }, 'messaging has trouble')
  const linkOptions = (purpose: string) => ({
    url: withHeartbeat(options.amqpUrl),
    name: `tributary-${service}-${purpose}`,
    clockwork: realClockwork,
    onError,
    onState: (state: LinkState) => {
      log.info({ event: 'broker-link', kind: purpose, state }, `the ${purpose} link to the broker is ${state}`)
      if (purpose === 'publish') metrics.brokerBlocked.set({}, state === 'blocked' ? 1 : 0)
    },
  })
  const publishLink = openPublishLink(linkOptions('publish'), [
    exchanges.events,
    exchanges.redeliver,
    ...delayExchanges,
  ])
  const relays = startRelays(options, publishLink, onError)
  const wake = (stream?: string) => {
    for (const relay of relays) if (stream === undefined || relay.name === stream) relay.wake()
  }
  const wakeOutbox = () => wake(outboxStream.name)

  // The worker's ack goes to a link that is opened with the worker's subscription, hence the late binding.
  let consumeLink: ConsumeLink | null = null
  const workers = isListening(service) ? startWorkers(options, publishLink, wakeOutbox, onError, () => consumeLink) : []
  if (workers.length > 0) {
    consumeLink = openConsumeLink(
      linkOptions('consume'),
      workers.map((worker) => worker.subscription),
    )
  }

  return {
    wake,
    brokerState: () => worse(publishLink.state(), consumeLink?.state() ?? 'up'),
    isIdle: () => workers.every((worker) => worker.isIdle()),
    async stop() {
      await consumeLink?.cancel()
      await Promise.all(workers.map((worker) => worker.drain()))
      await consumeLink?.stop()
      await Promise.all(relays.map((relay) => relay.stop()))
      await publishLink.stop()
    },
  }
}

const delayExchanges = delayTiers.map((tier) => tier.name)

function startWorkers(
  options: MessagingOptions,
  publishLink: PublishLink,
  onPublished: () => void,
  onError: (error: unknown) => void,
  consumeLink: () => ConsumeLink | null,
): QueueWorker[] {
  const { metrics } = options
  const workerOptions: ConsumerOptions = {
    ...options,
    consumers: options.consumes,
    publishLink,
    clockwork: realClockwork,
    onPublished,
    onError,
    ackUpTo: (queue, delivery) => consumeLink()?.ackUpTo(queue, delivery),
    metrics: {
      batch(size, waitSeconds) {
        metrics.messageBatchSize.observe({}, size)
        for (const seconds of waitSeconds) metrics.messageWait.observe({}, seconds)
      },
      consumed(queue, results) {
        for (const { type, result } of results) metrics.messagesConsumed.inc({ queue, type, result })
      },
    },
  }
  const workers = [mainWorker(workerOptions), deadWorker(workerOptions)]
  metrics.messagesConsumed.allow({
    queue: workers.map((worker) => worker.subscription.queue),
    type: options.consumes.map((consumer) => consumer.event.type),
  })
  return workers
}

function startRelays(options: MessagingOptions, link: PublishLink, onError: (error: unknown) => void): Relay[] {
  const { metrics, service } = options
  const backlogs = new Map<string, Backlog>()
  return [outboxStream, ...options.streams].map((stream) =>
    startRelay({
      stream,
      source: service,
      batchMax: options.relayBatchMax,
      openSession: () => openSession({ url: options.directUrl, applicationName: `tributary-${service}-relay` }),
      link,
      clockwork: realClockwork,
      onError,
      now: options.now,
      newId: options.newId,
      onUnreadable: ({ reason }) =>
        options.log.error(
          { event: 'relay-parked-row', stream: stream.name, reason },
          'a row cannot be read, so it is parked instead of published',
        ),
      onHeldBack: (by, seconds) =>
        options.log.warn(
          {
            event: 'relay-held-back',
            stream: stream.name,
            ageSeconds: seconds,
            pid: by?.pid,
            applicationName: by?.application,
            databaseName: by?.database,
          },
          'an open transaction holds back what was committed after it',
        ),
      metrics: {
        published: (result, count) =>
          metrics.messagesPublished.inc({ result: result === 'returned' ? 'failed' : result }, count),
        backlog(name, backlog) {
          backlogs.set(name, backlog)
          const all = [...backlogs.values()]
          metrics.outboxPending.set(
            { service },
            all.reduce((sum, one) => sum + one.pending, 0),
          )
          metrics.outboxOldestAge.set({}, Math.max(...all.map((one) => one.oldestSeconds)))
          metrics.relayGuardLag.set({}, Math.max(...all.map((one) => one.guardSeconds)))
          metrics.deadLettersParked.set({ service }, backlog.parked)
        },
      },
    }),
  )
}

/** A dead peer is noticed after two of these; the broker's default of 60 s would leave a service deaf for minutes. */
const HEARTBEAT_SECONDS = '10'

function withHeartbeat(amqpUrl: string): string {
  const url = new URL(amqpUrl)
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', HEARTBEAT_SECONDS)
  return url.toString()
}

const severity: Readonly<Record<LinkState, number>> = { up: 0, blocked: 1, connecting: 2, stopped: 3 }

function worse(left: LinkState, right: LinkState): LinkState {
  return severity[left] >= severity[right] ? left : right
}
