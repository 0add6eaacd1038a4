import type { Envelope } from '@tributary/contracts'
import { validate, version } from 'uuid'
import type { Delivery, OutgoingMessage } from './broker.ts'
import { mintedAtMs } from './inbox.ts'
import { delayTiers, exchanges, isHeard } from './topology.ts'

/** A message as it leaves the outbox. */
export type OutboxRow = Readonly<{
  message_id: string
  subject: string
  type: string
  time: Date
  correlation_id: string
  causation_id: string
  traceparent: string | null
  payload: string
  /** A queue of our own, or null for everyone who hears the type. */
  destination: string | null
  /** The replay that publishes it again, if one does. */
  replay_id?: string | null
}>

const ATTEMPT = 'tributary-attempt'

/** CloudEvents 1.0 attributes as AMQP headers, after the AMQP binding's naming. */
export function toMessage(row: OutboxRow, source: string): OutgoingMessage {
  return {
    exchange: row.destination === null ? exchanges.events : exchanges.redeliver,
    routingKey: row.destination ?? row.type,
    content: Buffer.from(row.payload),
    messageId: row.message_id,
    type: row.type,
    correlationId: row.correlation_id,
    source,
    headers: {
      cloudEvents_specversion: '1.0',
      cloudEvents_id: row.message_id,
      cloudEvents_source: `/tributary/${source}`,
      cloudEvents_type: row.type,
      cloudEvents_time: row.time.toISOString(),
      cloudEvents_subject: row.subject,
      correlationid: row.correlation_id,
      causationid: row.causation_id,
      ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
      ...(typeof row.replay_id === 'string' ? { replayid: row.replay_id } : {}),
    },
    mandatory: row.destination !== null || isHeard(row.type),
  }
}

/** A received message whose envelope could be read; the payload is still bytes. */
export type Received = Readonly<{ envelope: Envelope<undefined>; attempt: number; content: Buffer; delivery: Delivery }>

/** Why a message has no usable envelope. */
export type Unreadable = Readonly<{ problem: string; delivery: Delivery }>

/** Reads the envelope. Every id must be a UUID, and the message's own a UUIDv7: the inbox is split by its time. */
export function fromDelivery(delivery: Delivery): Received | Unreadable {
  const { headers, messageId } = delivery
  const unreadable = (problem: string): Unreadable => ({ problem, delivery })
  if (messageId === undefined || !validate(messageId) || version(messageId) !== 7) {
    return unreadable('the message id is not a UUIDv7')
  }
  const subject = text(headers.cloudEvents_subject)
  const correlationId = text(headers.correlationid)
  const causationId = text(headers.causationid)
  if (![subject, correlationId, causationId].every((id) => id !== null && validate(id))) {
    return unreadable('subject, correlationid and causationid must be UUIDs')
  }
  const time = text(headers.cloudEvents_time)
  if (time === null || !isTime(time)) return unreadable('cloudEvents_time is not a time')
  const attempt = Number(headers[ATTEMPT] ?? 1)
  const envelope = {
    messageId: messageId.toLowerCase(),
    subject: subject as string,
    type: text(headers.cloudEvents_type) ?? delivery.type,
    source: (text(headers.cloudEvents_source) ?? '').replace('/tributary/', ''),
    time,
    correlationId: correlationId as string,
    causationId: causationId as string,
    traceparent: text(headers.traceparent),
    data: undefined,
  }
  return {
    envelope,
    attempt: Number.isInteger(attempt) && attempt > 0 ? attempt : 1,
    content: delivery.content,
    delivery,
  }
}

/**
 * The same message for a further attempt. Headers are made afresh: a copied `x-death` makes RabbitMQ 3.10 drop the
 * message as a cycle, without a word.
 */
export function toRetry(received: Received, queue: string, delayExchange: string): OutgoingMessage {
  const { envelope, attempt, content } = received
  const message = toMessage(
    {
      message_id: envelope.messageId,
      subject: envelope.subject,
      type: envelope.type,
      time: new Date(envelope.time),
      correlation_id: envelope.correlationId,
      causation_id: envelope.causationId,
      traceparent: envelope.traceparent,
      payload: '',
      destination: queue,
    },
    envelope.source,
  )
  return { ...message, exchange: delayExchange, content, headers: { ...message.headers, [ATTEMPT]: attempt + 1 } }
}

/** RFC 3339, in the years 1 to 9999 of UTC: what others cannot be written down, and so neither signed nor exported. */
function isTime(stated: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}T.+(Z|[+-]\d{2}:\d{2})$/.test(stated)) return false
  const time = new Date(stated)
  return !Number.isNaN(time.getTime()) && /^(?!0000)\d{4}-/.test(time.toISOString())
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** Whether a message has had every attempt it gets: the first, and one after each delay. */
export const isLastAttempt = ({ attempt }: Received): boolean => attempt > delayTiers.length

/** How long ago a message was written; 0 where its id does not tell. */
export function mintedAgeSeconds(delivery: Delivery, now: Date): number {
  const id = delivery.messageId
  if (id === undefined || !validate(id) || version(id) !== 7) return 0
  return Math.max(0, (now.getTime() - mintedAtMs(id)) / 1000)
}
