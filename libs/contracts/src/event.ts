import type { z } from 'zod'

/**
 * A kind of event: its name on the wire, its publisher, and the shape of what it carries.
 * The noun of a type names its publisher, so the broker can refuse everyone else (see services.ts).
 * A type that ends in `.*` or starts with `*.` stands for a family, such as `custom.*` or `*.parked`.
 */
export type EventDefinition<Type extends string = string, Data extends z.ZodType = z.ZodType> = Readonly<{
  type: Type
  data: Data
  /** One sentence: what has happened, and why somebody would listen. */
  description: string
}>

export type EventData<E extends EventDefinition> = z.output<E['data']>

/**
 * One event on its way. CloudEvents 1.0 attributes, and what ties it to its causes.
 * `messageId` is new on each publication; `subject` stays the same when an event is published again.
 */
export type Envelope<Data = unknown> = Readonly<{
  messageId: string
  /** The event's own id, kept by re-publications and replays. */
  subject: string
  type: string
  /** The service that published it. */
  source: string
  /** When it happened (effective time), RFC 3339 UTC. */
  time: string
  /** The sender's webhook event that all this goes back to. */
  correlationId: string
  /** The event that directly caused this one. */
  causationId: string
  traceparent: string | null
  data: Data
}>

export function defineEvent<const Type extends string, Data extends z.ZodType>(
  definition: EventDefinition<Type, Data>,
): EventDefinition<Type, Data> {
  return Object.freeze(definition)
}

/** Whether an event of this type belongs to the kind: `transfer.posted.reserve` to `transfer.posted.*`. */
export function isOfKind(type: string, kind: string): boolean {
  if (kind.startsWith('*.')) return type.endsWith(kind.slice(1))
  if (kind.endsWith('.*')) return type.startsWith(kind.slice(0, -1))
  return type === kind
}
