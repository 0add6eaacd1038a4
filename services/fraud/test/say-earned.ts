import { type Envelope, type EventData, rewardEarned } from '@tributary/contracts'
import { exchanges } from '@tributary/messaging'
import type { TestBroker } from '@tributary/testing'
import { v7 } from 'uuid'

export type Earned = Envelope<EventData<typeof rewardEarned>>

/** A reward.earned as rewards would say it. */
export function newEarned(rewardId = v7()): Earned {
  const messageId = v7()
  return {
    messageId,
    subject: messageId,
    type: rewardEarned.type,
    source: 'rewards',
    time: new Date().toISOString(),
    correlationId: v7(),
    causationId: v7(),
    traceparent: null,
    data: {
      rewardId,
      transactionId: v7(),
      userId: v7(),
      amount: 980n,
      currency: 'USD',
      beneficiary: 'referrer',
      ruleId: v7(),
      ruleVersion: 1,
      cause: 'invoice:1',
      dueAt: new Date().toISOString(),
    },
  }
}

/** Puts events on the exchange. */
export async function say(broker: TestBroker, ...events: readonly Earned[]): Promise<void> {
  const channel = await broker.channel()
  for (const event of events) {
    channel.publish(exchanges.events, event.type, Buffer.from(JSON.stringify(rewardEarned.data.encode(event.data))), {
      messageId: event.messageId,
      type: event.type,
      headers: {
        cloudEvents_type: event.type,
        cloudEvents_source: '/tributary/rewards',
        cloudEvents_time: event.time,
        cloudEvents_subject: event.subject,
        correlationid: event.correlationId,
        causationid: event.causationId,
      },
    })
  }
  await channel.waitForConfirms()
  await channel.close()
}
