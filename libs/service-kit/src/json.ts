import { isUtf8 } from 'node:buffer'
import { Problem } from './problem.ts'

// Real payloads nest four or five deep. Deeper ones only cost whoever walks them.
const DEPTH_MAX = 32

/**
 * The value of a JSON text from outside. Refuses (`request_malformed`) bytes that are no UTF-8, what is no JSON, nesting
 * deeper than 32, and keys that could reach a prototype (`__proto__`, `constructor.prototype`).
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = parseText(bytes)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Problem('request_malformed', { detail: 'The body is not valid JSON.' })
  }
  walk(value)
  return value
}

/** Bytes from outside as text. Refuses (`request_malformed`) what is no UTF-8: read anyway, it would become other text. */
export function parseText(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new Problem('request_malformed', { detail: 'The body is not valid UTF-8.' })
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function walk(root: unknown): void {
  let level: object[] = isObject(root) ? [root] : []
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) {
      throw new Problem('request_malformed', { detail: `The body nests deeper than ${DEPTH_MAX} levels.` })
    }
    const next: object[] = []
    for (const one of level) {
      if (!Array.isArray(one)) refusePrototypeKeys(one)
      for (const child of Object.values(one)) if (isObject(child)) next.push(child)
    }
    level = next
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function refusePrototypeKeys(one: object): void {
  // JSON.parse makes `__proto__` a plain own property, harmless here; a later copy or merge would obey it.
  const { constructor: maker } = one as { constructor?: unknown }
  const reaches =
    Object.hasOwn(one, '__proto__') ||
    (Object.hasOwn(one, 'constructor') && isObject(maker) && Object.hasOwn(maker, 'prototype'))
  if (reaches) throw new Problem('request_malformed', { detail: 'The body has a key that is not allowed.' })
}

/** The same value in the same text, whatever the order of keys and the blanks it was sent with. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${fields.map(([name, one]) => `${JSON.stringify(name)}:${canonicalJson(one)}`).join(',')}}`
}
