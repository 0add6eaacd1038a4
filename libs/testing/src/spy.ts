import { type Envelope, type EventData, type EventDefinition, isOfKind } from '@tributary/contracts'
import { exchanges } from '@tributary/messaging'
import type { ConsumeMessage } from 'amqplib'
import type { TestBroker } from './broker.ts'

/** A message as any outsider hears it. */
export type Heard = Envelope<Record<string, unknown>>

export type Spy = Readonly<{
  /** What was said so far, in the order of arrival. */
  all(): readonly Heard[]
  /**
   * The first event of this kind whose data has these fields, said before or still to come. Amounts in `fields` are
   * as on the wire. Fails after `timeoutMs`, listing what was heard instead.
   */
  heard<E extends EventDefinition>(
    event: E,
    fields?: Readonly<Record<string, unknown>>,
    timeoutMs?: number,
  ): Promise<Envelope<EventData<E>>>
  /** How many events of this kind were said so far. */
  count(event: EventDefinition): number
}>

/** Listens, beside the services and without taking anything from them, to what matches an AMQP topic pattern. */
export async function spy(broker: TestBroker, pattern = '#'): Promise<Spy> {
  const channel = await broker.channel()
  const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true })
  await channel.bindQueue(queue, exchanges.events, pattern)
  const all: Heard[] = []
  const listeners = new Set<(event: Heard) => void>()
  await channel.consume(
    queue,
    (message) => {
      if (message === null) return
      const event = read(message)
      all.push(event)
      for (const listener of listeners) listener(event)
    },
    { noAck: true },
  )

  return {
    all: () => all,
    count: (event) => all.filter((one) => isOfKind(one.type, event.type)).length,
    heard(event, fields = {}, timeoutMs = 20_000) {
      const isIt = (one: Heard) =>
        isOfKind(one.type, event.type) && Object.entries(fields).every(([name, value]) => one.data[name] === value)
      const { promise, resolve, reject } = Promise.withResolvers<Heard>()
      const listener = (one: Heard) => {
        if (isIt(one)) resolve(one)
      }
      listeners.add(listener)
      const timer = setTimeout(() => {
        const said = all.map((one) => `  ${one.type} ${JSON.stringify(one.data)}`).join('\n')
        reject(new Error(`waited ${timeoutMs} ms for ${event.type} ${JSON.stringify(fields)}; heard:\n${said}`))
      }, timeoutMs)
      all.forEach(listener)
      return promise
        .then((one) => ({ ...one, data: event.data.parse(one.data) }) as never)
        .finally(() => {
          clearTimeout(timer)
          listeners.delete(listener)
        })
    },
  }
}

function read(message: ConsumeMessage): Heard {
  const { messageId, type } = message.properties
  const headers = (message.properties.headers ?? {}) as Record<string, string | undefined>
  const text = (name: string) => headers[name] ?? ''
  return {
    messageId: String(messageId),
    subject: text('cloudEvents_subject'),
    type: String(type),
    source: text('cloudEvents_source').replace('/tributary/', ''),
    time: text('cloudEvents_time'),
    correlationId: text('correlationid'),
    causationId: text('causationid'),
    traceparent: text('traceparent') || null,
    data: JSON.parse(message.content.toString('utf8')) as Record<string, unknown>,
  }
}
