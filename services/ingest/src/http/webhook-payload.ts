import { isUtf8 } from 'node:buffer'
import {
  customEvent,
  type EventDefinition,
  paymentDisputed,
  paymentRefunded,
  subscriptionCancelled,
  subscriptionPaid,
  timeField,
  userRegistered,
} from '@tributary/contracts'
import { findJsonFault, hasRepeatedKey } from '../domain/json-limits.ts'

/** The webhooks we know; every other type travels as `custom.<type>`, so nobody can speak for a service of ours. */
export const knownEvents: readonly EventDefinition[] = [
  userRegistered,
  subscriptionPaid,
  paymentRefunded,
  paymentDisputed,
  subscriptionCancelled,
]

export type FieldFault = Readonly<{ path: string; message: string }>
export type Payload = Readonly<{ type: string; statedTime: Date | null }>

const knownByType = new Map(knownEvents.map((event) => [event.type, event]))
/** What the name of an event may be, up to 64 characters. */
export const typePattern = /^[a-z0-9_]+(\.[a-z0-9_]+){1,3}$/
const typeMax = 64
const fields = new Set(['type', 'timestamp', 'data'])
/** A payload that is wrong everywhere still gets a short answer. */
const FAULTS_MAX = 20

/** Reads a webhook's body, or says all that is wrong with it. The body is stored as it came; this only checks it. */
export function readPayload(body: Buffer): Payload | readonly FieldFault[] {
  if (!isUtf8(body)) return [{ path: '', message: 'must be UTF-8' }]
  const text = body.toString('utf8')
  let payload: unknown
  try {
    payload = JSON.parse(text)
  } catch {
    return [{ path: '', message: 'must be JSON' }]
  }
  if (!isObject(payload)) return [{ path: '', message: 'must be an object with type, timestamp and data' }]
  const { type, timestamp, data } = payload
  const faults: FieldFault[] = []
  for (const name of Object.keys(payload)) {
    if (!fields.has(name)) faults.push({ path: `/${pointer(name)}`, message: 'is not known here; put it into data' })
  }
  if (typeof type !== 'string' || type.length > typeMax || !typePattern.test(type)) {
    faults.push({
      path: '/type',
      message: `must be 2 to 4 words of a-z, 0-9 and _ joined with dots, at most ${typeMax} characters, such as subscription.paid`,
    })
  }
  if (timestamp !== undefined && !timeField.safeParse(timestamp).success) {
    faults.push({
      path: '/timestamp',
      message: 'must be a time in RFC 3339 with an offset, such as 2026-01-31T12:00:00Z',
    })
  }
  faults.push(...checkData(String(type), data))
  // Last, since only what passed so far is known to be shallow.
  if (faults.length === 0 && hasRepeatedKey(text, payload)) {
    faults.push({ path: '', message: 'must not have the same key twice in one object' })
  }
  if (faults.length > 0) return faults.slice(0, FAULTS_MAX)
  return { type: type as string, statedTime: timestamp === undefined ? null : new Date(timestamp as string) }
}

export function isFaulty(read: Payload | readonly FieldFault[]): read is readonly FieldFault[] {
  return Array.isArray(read)
}

/** All that keeps data from being that of an event of this type. */
export function checkData(type: string, data: unknown): FieldFault[] {
  if (!isObject(data)) return [{ path: '/data', message: 'must be an object' }]
  const fault = findJsonFault(data, '/data')
  if (fault) return [fault]
  const parsed = (knownByType.get(type) ?? customEvent).data.safeParse(data)
  if (parsed.success) return []
  return parsed.error.issues.map((issue) => ({
    path: `/data${issue.path.map((part) => `/${pointer(String(part))}`).join('')}`,
    message: issue.message,
  }))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function pointer(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 64)
}
