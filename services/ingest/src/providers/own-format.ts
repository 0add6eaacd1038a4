import { isFaulty, readPayload } from '../http/webhook-payload.ts'
import { type FieldFault, type Reading, translated } from './provider.ts'

/** Our own `{type, timestamp, data}`: nothing to translate. */
export function readOwnFormat(body: Buffer): Reading | readonly FieldFault[] {
  const payload = readPayload(body)
  if (isFaulty(payload)) return payload
  const { type, statedTime } = payload
  const events = translated({ type, data: null })
  return { key: null, name: type, happenedAt: statedTime, teaches: [], asks: [], translate: () => events }
}
