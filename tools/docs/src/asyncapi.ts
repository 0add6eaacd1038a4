import * as contracts from '@tributary/contracts'
import {
  currencyField,
  type EventDefinition,
  mayPublish,
  type ServiceName,
  serviceContracts,
  serviceNames,
  topicMatches,
} from '@tributary/contracts'
import { stringify } from 'yaml'
import { z } from 'zod'

/** Every event in libs/contracts, by type. */
export const events: readonly EventDefinition[] = (Object.values(contracts) as unknown[])
  .filter(isEvent)
  .toSorted((a, b) => (a.type < b.type ? -1 : 1))

function isEvent(value: unknown): value is EventDefinition {
  return typeof value === 'object' && value !== null && 'type' in value && 'data' in value && 'description' in value
}

/** docs/asyncapi.yaml: every event with its payload, who publishes it and who hears it. */
export function asyncApi(): string {
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'Tributary events',
      version: '0.1.0',
      license: { name: 'Apache-2.0' },
      description:
        'What the services of Tributary tell one another, over the topic exchange tributary.events. Whoever wants to ' +
        'listen from outside binds a queue of their own to tributary.public, which carries the same. Delivery is at ' +
        'least once and in no order: a re-publication has a new cloudEvents_id and the same cloudEvents_subject.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(events.map((event) => [nameOf(event), channel(event)])),
    operations: Object.fromEntries(events.flatMap(operations)),
    components: {
      messages: Object.fromEntries(events.map((event) => [nameOf(event), message(event)])),
      messageTraits: { envelope },
      schemas: { currency: strip(z.toJSONSchema(currencyField, { io: 'input', target: 'draft-7' })) },
    },
  }
  return stringify(document, { lineWidth: 120, aliasDuplicateObjects: false })
}

/** `transfer.posted.*` as a key that references can carry. */
const nameOf = (event: EventDefinition): string => event.type.replace('.*', '.any').replace('*.', 'any.')

function channel(event: EventDefinition) {
  return {
    address: event.type.replace('*', event.type.startsWith('*') ? '{service}' : '{rest}'),
    ...(event.type.includes('*') && { parameters: { [event.type.startsWith('*') ? 'service' : 'rest']: {} } }),
    messages: { [nameOf(event)]: { $ref: `#/components/messages/${nameOf(event)}` } },
    bindings: {
      amqp: {
        is: 'routingKey',
        exchange: { name: 'tributary.events', type: 'topic', durable: true, autoDelete: false },
      },
    },
  }
}

/** Who sends it, and which services hear it. Outsiders may hear everything and are in no list. */
function operations(event: EventDefinition): [string, unknown][] {
  const name = nameOf(event)
  const reference = { channel: { $ref: `#/channels/${name}` } }
  const senders = publishersOf(event).map((service): [string, unknown] => [
    `${service}.sends.${name}`,
    { action: 'send', ...reference, tags: [{ name: service }] },
  ])
  const listeners = listenersOf(event).map((service): [string, unknown] => [
    `${service}.hears.${name}`,
    { action: 'receive', ...reference, tags: [{ name: service }] },
  ])
  return [...senders, ...listeners]
}

/** The services whose nouns allow it. */
export function publishersOf({ type }: EventDefinition): ServiceName[] {
  return serviceNames.filter((service) => mayPublish(service, exampleOf(type, service)))
}

/** The services with a binding that matches it. */
export function listenersOf({ type }: EventDefinition): ServiceName[] {
  return serviceNames.filter((service) =>
    serviceContracts[service].hears.some((pattern) => topicMatches(pattern, exampleOf(type, 'ingest'))),
  )
}

/** One member of a family: `custom.*` has `custom.x`, `*.parked` has `ingest.parked`. */
function exampleOf(type: string, service: ServiceName): string {
  return type.startsWith('*.') ? type.replace('*', service) : type.replace('*', 'x')
}

function message(event: EventDefinition) {
  return {
    name: event.type,
    summary: event.description,
    traits: [{ $ref: '#/components/messageTraits/envelope' }],
    payload: payload(event),
  }
}

/** As it is on the wire: amounts are numbers there. */
function payload(event: EventDefinition): unknown {
  const schema = z.toJSONSchema(event.data, {
    target: 'draft-7',
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      // One list of currencies is enough.
      if (zodSchema !== (currencyField as unknown)) return
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      jsonSchema.$ref = '#/components/schemas/currency'
    },
  })
  return strip(schema)
}

/** Drops what says nothing new: `format` says it shorter than its pattern, and 2^53 - 1 is every integer's bound. */
function strip(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strip)
  if (typeof schema !== 'object' || schema === null) return schema
  const hasFormat = 'format' in schema
  const kept = Object.entries(schema).filter(
    ([key, value]) =>
      key !== '$schema' &&
      !(key === 'pattern' && hasFormat) &&
      !(key === 'maximum' && value === Number.MAX_SAFE_INTEGER),
  )
  return Object.fromEntries(kept.map(([key, value]) => [key, strip(value)]))
}

const text = (description: string) => ({ type: 'string', description })
const uuid = (description: string) => ({ type: 'string', format: 'uuid', description })

/** What every message carries in its headers. */
const envelope = {
  headers: {
    type: 'object',
    required: [
      'cloudEvents_specversion',
      'cloudEvents_id',
      'cloudEvents_source',
      'cloudEvents_type',
      'cloudEvents_time',
      'cloudEvents_subject',
      'correlationid',
      'causationid',
    ],
    properties: {
      cloudEvents_specversion: { const: '1.0' },
      cloudEvents_id: uuid('New at each publication, a UUIDv7; the same as the property message-id.'),
      cloudEvents_source: text('/tributary/<service>'),
      cloudEvents_type: text('The same as the routing key.'),
      cloudEvents_time: { type: 'string', format: 'date-time', description: 'When it took effect.' },
      cloudEvents_subject: uuid("The event's own id, the same at each publication."),
      correlationid: uuid("The sender's webhook event that all this goes back to."),
      causationid: uuid('The event that directly caused this one.'),
      traceparent: text('W3C trace context, where there is one.'),
      replayid: uuid("Ingest's replay that publishes a webhook again, where one does."),
    },
  },
}
