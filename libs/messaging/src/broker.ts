import { type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib'
import { closedEvent, type LinkOptions, type LinkState, supervise } from './supervise.ts'

/** The broker as the rest of the library sees it; the only file that knows amqplib. */
export type OutgoingMessage = Readonly<{
  exchange: string
  routingKey: string
  content: Buffer
  messageId: string
  type: string
  correlationId: string
  source: string
  headers: Readonly<Record<string, string | number>>
  /** A message that reaches no queue counts as failed. */
  mandatory: boolean
}>

/** `returned`: no queue took it, though one should have. */
export type Confirmation = 'confirmed' | 'refused' | 'returned'

export type Delivery = Readonly<{
  content: Buffer
  type: string
  messageId: string | undefined
  headers: Readonly<Record<string, unknown>>
  /** Stale once the channel it came by is gone; acks of stale deliveries are dropped. */
  generation: number
  message: ConsumeMessage
}>

/** There is no usable channel, or it closed while messages were on their way: whether they arrived is not known. */
export class BrokerGone extends Error {
  constructor(options?: { cause?: unknown }) {
    super('the broker is not reachable', options)
    this.name = 'BrokerGone'
  }
}

export type PublishLink = Readonly<{
  state(): LinkState
  /** Resolves once messages can be sent. */
  ready(signal: AbortSignal): Promise<void>
  /** Sends all and waits for every confirm; answers one confirmation each, in order. Throws BrokerGone. */
  publish(messages: readonly OutgoingMessage[]): Promise<Confirmation[]>
  stop(): Promise<void>
}>

export type Subscription = Readonly<{
  queue: string
  prefetch: number
  onDelivery(delivery: Delivery): void
  /** The channel is gone: whatever was delivered by it and not acked will come again. */
  onReset(): void
}>

export type ConsumeLink = Readonly<{
  state(): LinkState
  /** Acks this delivery and all before it on its queue. A stale one is dropped. */
  ackUpTo(queue: string, delivery: Delivery): void
  /** Stops deliveries, lets what is in hand be acked, then closes on `stop`. */
  cancel(): Promise<void>
  stop(): Promise<void>
}>

/** Where a link leads. */
export type BrokerAddress = Readonly<{ url: string; name: string }>
export type BrokerLinkOptions = BrokerAddress & LinkOptions

const CONFIRM_TIMEOUT_MS = 30_000

/** A connection for publishing, with one confirm channel; `check` must pass before anything is published. */
export function openPublishLink(options: BrokerLinkOptions, exchangesToCheck: readonly string[]): PublishLink {
  let channel: ConfirmChannel | null = null
  const returned = new Set<string>()
  const link = supervise(options, connectTo(options), async (connection) => {
    const opened = await connection.createConfirmChannel()
    watchChannel(opened, options.onError)
    opened.on('return', (message: ConsumeMessage) => returned.add(String(message.properties.messageId)))
    for (const exchange of exchangesToCheck) await opened.checkExchange(exchange)
    channel = opened
    return {
      closed: closedEvent(opened),
      forget: () => {
        channel = null
        returned.clear()
      },
      close: () => opened.close(),
    }
  })

  function send(open: ConfirmChannel, message: OutgoingMessage): Promise<Confirmation> {
    return new Promise((resolve, reject) => {
      const { exchange, routingKey, content, messageId, type, correlationId, source, headers, mandatory } = message
      const publishing = { messageId, type, correlationId, appId: source, headers: { ...headers }, mandatory }
      open.publish(
        exchange,
        routingKey,
        content,
        { ...publishing, contentType: 'application/json', deliveryMode: 2 },
        (error) => {
          // A message that no queue took is returned first and then confirmed all the same.
          if (!error) resolve(returned.delete(messageId) ? 'returned' : 'confirmed')
          else if (channel === open) resolve('refused')
          else reject(new BrokerGone({ cause: error }))
        },
      )
    })
  }

  return {
    state: () => link.state(),
    ready: (signal) => link.ready(signal),
    async publish(messages) {
      const open = channel
      if (open === null) throw new BrokerGone()
      try {
        const confirmations = Promise.all(messages.map((message) => send(open, message)))
        return await options.clockwork.within(CONFIRM_TIMEOUT_MS, confirmations)
      } catch (error) {
        // A silent broker: give the connection up, so that the supervisor makes a new one.
        link.recycle()
        throw error instanceof BrokerGone ? error : new BrokerGone({ cause: error })
      }
    },
    stop: () => link.stop(),
  }
}

/** A connection for consuming, with one channel a queue: `ackUpTo` acks channel-wide. */
export function openConsumeLink(options: BrokerLinkOptions, subscriptions: readonly Subscription[]): ConsumeLink {
  type Open = { channel: Channel; tag: string; generation: number }
  const open = new Map<string, Open>()
  let generation = 0
  let isCancelled = false

  async function subscribe(connection: ChannelModel, subscription: Subscription): Promise<Channel> {
    const channel = await connection.createChannel()
    watchChannel(channel, options.onError)
    const mine = ++generation
    await channel.checkQueue(subscription.queue)
    await channel.prefetch(subscription.prefetch)
    const { consumerTag } = await channel.consume(subscription.queue, (message) => {
      // Null: the queue was deleted, or moved. Closing makes the supervisor start over.
      if (message === null) return void channel.close().catch(options.onError)
      subscription.onDelivery(toDelivery(message, mine))
    })
    open.set(subscription.queue, { channel, tag: consumerTag, generation: mine })
    return channel
  }

  const link = supervise(options, connectTo(options), async (connection) => {
    const channels: Channel[] = []
    if (!isCancelled) for (const one of subscriptions) channels.push(await subscribe(connection, one))
    return {
      closed: Promise.race(channels.map(closedEvent)),
      forget: () => {
        open.clear()
        for (const subscription of subscriptions) subscription.onReset()
      },
      close: async () => {
        for (const channel of channels) await channel.close()
      },
    }
  })

  return {
    state: () => link.state(),
    ackUpTo(queue, delivery) {
      const current = open.get(queue)
      if (current?.generation !== delivery.generation) return
      try {
        current.channel.ack(delivery.message, true)
      } catch (error) {
        // It throws on a channel that is closing, or closed a moment ago: the delivery is stale then, and comes again.
        options.onError(error)
      }
    },
    async cancel() {
      isCancelled = true
      for (const { channel, tag } of open.values()) await channel.cancel(tag).catch(options.onError)
    },
    stop: () => link.stop(),
  }
}

/** Runs some work on a channel of its own, then closes everything. For declaring and for tools. */
export async function withChannel<T>(url: string, work: (channel: Channel) => Promise<T>): Promise<T> {
  const connection = await connect(url)
  // A close by the broker is reported by the call that it interrupts.
  connection.on('error', () => {})
  try {
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    return await work(channel)
  } finally {
    await connection.close().catch(() => {})
  }
}

function watchChannel(channel: Channel, onError: (error: unknown) => void): void {
  channel.on('error', onError)
}

const connectTo =
  ({ url, name }: BrokerAddress) =>
  () =>
    connect(url, { timeout: 10_000, clientProperties: { connection_name: name } })

function toDelivery(message: ConsumeMessage, generation: number): Delivery {
  const { type, messageId, headers } = message.properties
  return {
    content: message.content,
    type: typeof type === 'string' ? type : message.fields.routingKey,
    messageId: typeof messageId === 'string' ? messageId : undefined,
    headers: headers ?? {},
    generation,
    message,
  }
}
