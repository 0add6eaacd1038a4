import { type ServiceName, serviceContracts, serviceNames, topicMatches } from '@tributary/contracts'

/**
 * Everything the broker holds, as data. One step declares it for all services (declare.ts) before any of them
 * runs; services only check that it stands. Works unchanged on RabbitMQ 3.10 to 4.x.
 *
 *   tributary.events   what services say; each service's queue binds the types it hears
 *   tributary.public   fed from tributary.events; outsiders bind their own queues here
 *   tributary.delay.*  one queue a tier: a TTL counts only at a queue's head, so one queue cannot mix delays
 *   tributary.redeliver  where delays and replays end: the routing key is the queue
 *   tributary.dead     where the broker puts what crashed its consumer too often: the routing key is the queue
 *
 * Service queues have no length cap: in a fan-out one full queue refuses the message for everyone.
 */
export const exchanges = {
  events: 'tributary.events',
  public: 'tributary.public',
  redeliver: 'tributary.redeliver',
  dead: 'tributary.dead',
} as const

/** How long a message waits before each further attempt; after the last one it is parked. 72 minutes in all. */
export const delayTiers = [
  { name: 'tributary.delay.5s', delayMs: 5_000 },
  { name: 'tributary.delay.30s', delayMs: 30_000 },
  { name: 'tributary.delay.2m', delayMs: 120_000 },
  { name: 'tributary.delay.10m', delayMs: 600_000 },
  { name: 'tributary.delay.1h', delayMs: 3_600_000 },
] as const

/** A broker counts a delivery whenever a consumer dies with it, also for the innocent ones in its prefetch. */
const DELIVERY_LIMIT = 20

export type Queue = Readonly<{ name: string; arguments: Readonly<Record<string, unknown>> }>
export type Binding = Readonly<{ source: string; to: 'queue' | 'exchange'; destination: string; key: string }>
export type Topology = Readonly<{
  exchanges: readonly string[]
  queues: readonly Queue[]
  bindings: readonly Binding[]
}>

export const queueOf = (service: ServiceName): string => `tributary.${service}`
export const deadQueueOf = (service: ServiceName): string => `${queueOf(service)}.dead`

/** Whether a service has a queue at all. */
export const isListening = (service: ServiceName): boolean => serviceContracts[service].hears.length > 0

/** Whether any service hears this type; if so, a message that reaches no queue means the topology is broken. */
export function isHeard(type: string): boolean {
  return serviceNames.some((service) => serviceContracts[service].hears.some((pattern) => topicMatches(pattern, type)))
}

export function topology(): Topology {
  const listeners = serviceNames.filter(isListening)
  return {
    exchanges: [...Object.values(exchanges), ...delayTiers.map((tier) => tier.name)],
    queues: [...listeners.flatMap(serviceQueues), ...delayTiers.map(delayQueue)],
    bindings: [
      { source: exchanges.events, to: 'exchange', destination: exchanges.public, key: '#' },
      ...listeners.flatMap(serviceBindings),
      ...delayTiers.map((tier) => ({ source: tier.name, to: 'queue' as const, destination: tier.name, key: '#' })),
    ],
  }
}

const quorum = { 'x-queue-type': 'quorum', 'x-overflow': 'reject-publish', 'x-dead-letter-strategy': 'at-least-once' }

function serviceQueues(service: ServiceName): Queue[] {
  const name = queueOf(service)
  return [
    {
      name,
      arguments: {
        ...quorum,
        // Without it RabbitMQ 3.10 puts a returned message at the back, and retries a crashing one for ever.
        'x-delivery-limit': DELIVERY_LIMIT,
        'x-dead-letter-exchange': exchanges.dead,
        'x-dead-letter-routing-key': name,
      },
    },
    { name: deadQueueOf(service), arguments: { 'x-queue-type': 'quorum' } },
  ]
}

function serviceBindings(service: ServiceName): Binding[] {
  const name = queueOf(service)
  return [
    ...serviceContracts[service].hears.map((key) => bindQueue(exchanges.events, name, key)),
    bindQueue(exchanges.redeliver, name, name),
    bindQueue(exchanges.dead, deadQueueOf(service), name),
  ]
}

const bindQueue = (source: string, destination: string, key: string): Binding => ({
  source,
  to: 'queue',
  destination,
  key,
})

/** No dead-letter routing key here: the message keeps its own, which is the queue it goes back to. */
function delayQueue(tier: (typeof delayTiers)[number]): Queue {
  return {
    name: tier.name,
    arguments: { ...quorum, 'x-message-ttl': tier.delayMs, 'x-dead-letter-exchange': exchanges.redeliver },
  }
}
