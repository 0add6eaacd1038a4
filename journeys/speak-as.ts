import type { EventData, EventDefinition } from '@tributary/contracts'
import { exchanges } from '@tributary/messaging'
import { connect } from 'amqplib'
import { v7 } from 'uuid'
import { onTestFinished } from 'vitest'
import type { Stack } from './stack.ts'

/** Says an event as the service that may, with that service's own account at the broker. */
export async function speakAs(service: 'rewards' | 'payouts', { broker }: Stack) {
  const connection = await connect(broker.urls[service])
  onTestFinished(() => connection.close())
  const channel = await connection.createConfirmChannel()
  return async <E extends EventDefinition>({ type, data: schema }: E, data: EventData<E>): Promise<void> => {
    const messageId = v7()
    const headers = {
      ...{ cloudEvents_type: type, cloudEvents_source: `/tributary/${service}` },
      ...{ cloudEvents_time: new Date().toISOString(), cloudEvents_subject: messageId },
      ...{ correlationid: messageId, causationid: messageId },
    }
    channel.publish(exchanges.events, type, Buffer.from(JSON.stringify(schema.encode(data))), {
      ...{ messageId, type, headers },
    })
    await channel.waitForConfirms()
  }
}
