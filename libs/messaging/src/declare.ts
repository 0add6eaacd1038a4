import { withChannel } from './broker.ts'
import { topology } from './topology.ts'

/**
 * Declares all exchanges, queues and bindings; what stands already stays as it is. Run by one step, as a broker user
 * who may configure, before any service runs. Throws when something stands with other arguments.
 */
export async function declareTopology(amqpUrl: string): Promise<void> {
  const { exchanges, queues, bindings } = topology()
  await withChannel(amqpUrl, async (channel) => {
    for (const exchange of exchanges) await channel.assertExchange(exchange, 'topic', { durable: true })
    for (const queue of queues) {
      await channel.assertQueue(queue.name, { durable: true, arguments: { ...queue.arguments } })
    }
    for (const { source, to, destination, key } of bindings) {
      if (to === 'queue') await channel.bindQueue(destination, source, key)
      else await channel.bindExchange(destination, source, key)
    }
  })
}
