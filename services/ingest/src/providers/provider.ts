import type { KeyObject } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { HeaderFault } from '../domain/webhook-headers.ts'

/** The signature of a request, found well-formed and not yet looked into. */
export type Signed = Readonly<{
  /** What the signature covers as the webhook's id, where it covers one; else null. */
  id: string | null
  /** Seconds since 1970, where the signature covers when it was made; else null. */
  timestamp: number | null
  /** Whether one of the keys made it over exactly these bytes. Takes as long whichever of them did. */
  isSignedBy(keys: readonly KeyObject[], body: Buffer): boolean
}>

/** Where in a payload something is wrong, as a JSON pointer, and what. */
export type FieldFault = Readonly<{ path: string; message: string }>

/** An event as we know events. `data` is null where the body has it in its own `data`. */
export type Translated = Readonly<{ type: string; data: Readonly<Record<string, unknown>> | null }>

export type Translation =
  | Readonly<{ kind: 'events'; events: readonly [Translated, ...Translated[]] }>
  /** Nothing that we have an event for. It is kept, with the reason, and published to nobody. */
  | Readonly<{ kind: 'ignored'; reason: string }>
  /** It is about something that another webhook has to tell first. Sent again soon, it may be translated. */
  | Readonly<{ kind: 'unknown'; reason: string; detail: string }>

/** What a provider calls something by another name: `pi_1` is about `in_1`. */
export type Reference = Readonly<{ name: string; means: string }>

/** What is in a webhook, its shape found right. */
export type Reading = Readonly<{
  /** What makes it one webhook within its source; null: the id that the signature covers, else the bytes of the body. */
  key: string | null
  /** As its provider calls the event; under this it is kept where it is not translated. */
  name: string
  happenedAt: Date | null
  /** What later webhooks may refer to. */
  teaches: readonly Reference[]
  /** The names whose meaning `translate` needs. */
  asks: readonly string[]
  /** Pure. `known` has those of the names asked for that were taught before. */
  translate(known: ReadonlyMap<string, string>): Translation
}>

/** All that sets one sender's webhooks apart: how they are signed, and what they mean. Pure; docs/adapters.md says how to add one. */
export type Provider = Readonly<{
  /** Within it, keys are compared. */
  source: string
  /** For the documentation. */
  summary: string
  bodyMaxBytes: number
  /** The headers of the signature, each with what it is. For the documentation. */
  headers: Readonly<Record<string, string>>
  /** Whether a provider's event with a key that was there before is that event, whatever else its body says now. */
  isKnownByKeyAlone: boolean
  /** The keys that a secret stands for. */
  keyOf(secret: string): KeyObject
  readSignature(headers: IncomingHttpHeaders): Signed | HeaderFault
  /** Reads a body whose signature is right, or says all that is wrong with it. */
  read(body: Buffer, headers: IncomingHttpHeaders): Reading | readonly FieldFault[]
}>

export function isFaulty(read: Reading | readonly FieldFault[]): read is readonly FieldFault[] {
  return Array.isArray(read)
}

export const ignored = (reason: string): Translation => ({ kind: 'ignored', reason })

export const translated = (...events: readonly [Translated, ...Translated[]]): Translation => ({
  kind: 'events',
  events,
})
