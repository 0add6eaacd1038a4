import { type ServiceName, serviceContracts } from '@tributary/contracts'
import { deadQueueOf, delayTiers, exchanges, queueOf } from './topology.ts'

/** What a service's broker user may do, as RabbitMQ regular expressions over names and routing keys. */
export type BrokerPermissions = Readonly<{
  configure: string
  write: string
  read: string
  /** Per topic exchange: the routing keys it may publish under. */
  topics: readonly { exchange: string; write: string; read: string }[]
}>

/**
 * A service publishes its own nouns, reads its own queues, and can send a delayed or replayed message to nobody
 * but itself; it declares nothing. So a service that is taken over cannot speak for another one.
 */
export function brokerPermissions(service: ServiceName): BrokerPermissions {
  const ownQueue = `^${literal(queueOf(service))}$`
  const nouns = serviceContracts[service].nouns.map((noun) => `${noun}\\..+`)
  const ownTypes = `^(${[...nouns, `${service}\\.parked`, 'audit\\.recorded'].join('|')})$`
  const writable = [exchanges.events, exchanges.redeliver, ...delayTiers.map((tier) => tier.name)]
  return {
    configure: '^$',
    write: `^(${writable.map(literal).join('|')})$`,
    read: `^(${literal(queueOf(service))}|${literal(deadQueueOf(service))})$`,
    topics: writable.map((exchange) => ({
      exchange,
      write: exchange === exchanges.events ? ownTypes : ownQueue,
      read: '^$',
    })),
  }
}

const literal = (name: string): string => name.replaceAll('.', '\\.')
