import { classify } from '@tributary/database'
import { describeError } from '@tributary/observability'
import { backoff, type Clockwork, pacer } from './backoff.ts'
import { type BatchOptions, handleBatch, parkAlone, type Result, type Retry } from './batch.ts'
import { BrokerGone, type Delivery, type OutgoingMessage, type PublishLink, type Subscription } from './broker.ts'
import { givenUpByBroker } from './parked.ts'
import { deadQueueOf, delayTiers, queueOf } from './topology.ts'
import { fromDelivery, isLastAttempt, mintedAgeSeconds, toRetry } from './wire.ts'

export type ConsumerMetrics = Readonly<{
  batch(size: number, waitSeconds: readonly number[]): void
  consumed(queue: string, results: readonly Result[]): void
}>

export type ConsumerOptions = BatchOptions &
  Readonly<{
    batchMax: number
    prefetch: number
    publishLink: PublishLink
    clockwork: Clockwork
    metrics: ConsumerMetrics
    ackUpTo(queue: string, delivery: Delivery): void
    /** Something was written to the outbox. */
    onPublished(): void
    onError(error: unknown): void
  }>

/** One queue's worth of work: takes deliveries, handles them in batches, one batch at a time. */
export type QueueWorker = Readonly<{
  subscription: Subscription
  isIdle(): boolean
  /** Resolves when the batch in hand is over; what waits behind it is left to the broker. */
  drain(): Promise<void>
}>

/** Works the service's main queue. */
export function mainWorker(options: ConsumerOptions): QueueWorker {
  const queue = queueOf(options.service)
  return newWorker(queue, options, async (deliveries) => {
    options.metrics.batch(
      deliveries.length,
      deliveries.map((one) => mintedAgeSeconds(one, options.now())),
    )
    await settle(options, queue, deliveries)
  })
}

/** Parks what ended in the service's dead queue. */
export function deadWorker(options: ConsumerOptions): QueueWorker {
  return newWorker(deadQueueOf(options.service), options, async (deliveries) => {
    for (const delivery of deliveries) {
      const message = fromDelivery(delivery)
      await parkAlone(options, message, givenUpByBroker(message))
    }
    options.onPublished()
  })
}

/** What is done with a batch; throws when nobody is to blame. */
type Work = (batch: readonly Delivery[]) => Promise<void>

/**
 * The batch grows by itself: while one is in hand, deliveries gather for the next. Under little load it is one
 * message and one commit away; under much it is `batchMax`.
 */
function newWorker(queue: string, options: ConsumerOptions, work: Work): QueueWorker {
  let waiting: Delivery[] = []
  let running: Promise<void> | null = null
  let isDraining = false
  const pace = pacer(options.clockwork)

  async function run(): Promise<void> {
    const delays = backoff({ firstMs: 100, maxMs: 5_000 })
    while (waiting.length > 0 && !isDraining) {
      if (waiting.length < options.batchMax) await pace.gather()
      const batch = waiting.slice(0, options.batchMax)
      if (batch.length === 0 || isDraining) return
      pace.found(batch.length)
      try {
        await work(batch)
        delays.reset()
      } catch (error) {
        // The database or the broker is away: nobody is blamed; the same messages wait, unacked, for its return.
        options.onError(error)
        await options.clockwork.wait(delays.next())
        continue
      }
      // A reset in between emptied `waiting`; the ack is stale then, and dropped.
      if (waiting[0] === batch[0]) waiting = waiting.slice(batch.length)
      options.ackUpTo(queue, batch[batch.length - 1] as Delivery)
    }
  }

  function start(): void {
    if (running !== null || isDraining) return
    running = run().finally(() => {
      running = null
      if (waiting.length > 0) start()
    })
  }

  return {
    subscription: {
      queue,
      prefetch: options.prefetch,
      onDelivery(delivery) {
        waiting.push(delivery)
        if (waiting.length === options.batchMax) pace.hurry()
        // Deliveries of one socket read come in one go: let them gather before the first of them starts a batch.
        if (running === null) setImmediate(start)
      },
      onReset() {
        waiting = []
      },
    },
    isIdle: () => waiting.length === 0 && running === null,
    async drain() {
      isDraining = true
      pace.hurry()
      await running
    },
  }
}

/** Handles a batch; one that fails is halved until the culprit stands alone. Throws only when nobody is to blame. */
async function settle(options: ConsumerOptions, queue: string, deliveries: readonly Delivery[]): Promise<void> {
  try {
    const { retry, published, results } = await handleBatch(options, deliveries)
    if (published > 0) options.onPublished()
    options.metrics.consumed(queue, results)
    await sendRetries(options, queue, retry)
  } catch (error) {
    if (error instanceof BrokerGone || classify(error) === 'connection') throw error
    if (deliveries.length === 1) return failAlone(options, queue, deliveries[0] as Delivery, error)
    options.onError(error)
    const middle = Math.ceil(deliveries.length / 2)
    await settle(options, queue, deliveries.slice(0, middle))
    await settle(options, queue, deliveries.slice(middle))
  }
}

async function failAlone(options: ConsumerOptions, queue: string, delivery: Delivery, error: unknown): Promise<void> {
  options.onError(error)
  const message = fromDelivery(delivery)
  // As in the log: what the database said, without the statement, which would fill the room of the reason.
  const reason = error instanceof Error ? `${error.name}: ${String(describeError(error).message)}` : String(error)
  // Values that can never be stored will not become storable by waiting.
  const isHopeless = 'problem' in message || classify(error) === 'data'
  const isOver = isHopeless || isLastAttempt(message)
  options.metrics.consumed(queue, [{ type: 'other', result: isOver ? 'parked' : 'retried' }])
  if (isHopeless) await parkAlone(options, message, reason)
  else await sendRetries(options, queue, [{ received: message, reason }])
}

/** Sends messages to the delay of their next attempt; parks those that have had their last one. */
async function sendRetries(options: ConsumerOptions, queue: string, retries: readonly Retry[]): Promise<void> {
  const outgoing: OutgoingMessage[] = []
  for (const { received, reason } of retries) {
    const tier = delayTiers[received.attempt - 1]
    if (tier === undefined) await parkAlone(options, received, reason)
    else outgoing.push(toRetry(received, queue, tier.name))
  }
  if (outgoing.length === 0) return
  const confirmations = await options.publishLink.publish(outgoing)
  if (confirmations.some((one) => one !== 'confirmed')) throw new BrokerGone()
}
