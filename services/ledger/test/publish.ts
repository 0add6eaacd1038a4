import { exchanges } from '@tributary/messaging'
import type { TestBroker } from '@tributary/testing'
import { v7 } from 'uuid'
import { definitions, type Request, toEnvelope } from './rig.ts'

/** What rewards says of an earning that the ledger does not look at. */
const besides = {
  ...{ beneficiary: 'referrer', ruleId: v7(), ruleVersion: 1, cause: 'registration:test' },
  ...{ dueAt: '2026-01-01T00:00:00Z', reason: 'test' },
}

/** A message as it goes over the wire. The same one may be sent again. */
export type Message = Readonly<{ request: Request; envelope: ReturnType<typeof toEnvelope> }>

export const toMessage = (request: Request): Message => ({ request, envelope: toEnvelope(request) })

/** Sends what rewards and payouts would send; resolves when the broker has all of it. */
export async function publishAll(broker: TestBroker, messages: readonly Message[]): Promise<void> {
  const channel = await broker.channel()
  for (const { request, envelope } of messages) {
    const content = JSON.stringify(definitions[request.kind].data.encode({ ...besides, ...envelope.data } as never))
    const headers = {
      cloudEvents_type: envelope.type,
      cloudEvents_source: `/tributary/${envelope.source}`,
      cloudEvents_time: envelope.time,
      cloudEvents_subject: envelope.subject,
      correlationid: envelope.correlationId,
      causationid: envelope.causationId,
    }
    const { messageId, type } = envelope
    channel.publish(exchanges.events, type, Buffer.from(content), { messageId, type, headers })
  }
  await channel.waitForConfirms()
  await channel.close()
}
