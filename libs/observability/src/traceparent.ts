import { randomBytes } from 'node:crypto'

/** W3C Trace Context: which trace a unit of work belongs to, and what caused it. */
export type TraceContext = Readonly<{ traceId: string; parentId: string; sampled: boolean }>

/** Reads a `traceparent` header; null for anything malformed, which then starts a trace of its own. */
export function parseTraceparent(header: string | null | undefined): TraceContext | null {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(header ?? '')
  if (match === null) return null
  const [, version, traceId, parentId, flags, more] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string?,
  ]
  // Version ff is forbidden; later versions may append fields, version 00 may not.
  if (version === 'ff' || (version === '00' && more !== undefined)) return null
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return null
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

export function formatTraceparent({ traceId, parentId, sampled }: TraceContext): string {
  return `00-${traceId}-${parentId}-${sampled ? '01' : '00'}`
}

/** A step of its own: in the trace of the header, or in a new one where there is none. */
export function continueTrace(header: string | null | undefined): TraceContext {
  const parent = parseTraceparent(header)
  return {
    traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
    parentId: randomBytes(8).toString('hex'),
    sampled: parent?.sampled ?? true,
  }
}
