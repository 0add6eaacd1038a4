import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { findJsonFault, hasRepeatedKey } from '../domain/json-limits.ts'
import type { FieldFault } from './provider.ts'

type Digits = (key: string, value: unknown, context: { source?: string }) => unknown

/**
 * A provider's body as a value, or all that keeps it from being one. Whole numbers beyond 2^53 come as the text of their
 * digits: Shopify's ids are such, and a double would make two of them the same.
 */
export function readJson(body: Buffer): { value: unknown } | readonly FieldFault[] {
  if (!isUtf8(body)) return [{ path: '', message: 'must be UTF-8' }]
  const text = body.toString('utf8')
  try {
    const plain: unknown = JSON.parse(text)
    const fault = findJsonFault(plain)
    if (fault) return [fault]
    if (hasRepeatedKey(text, plain)) return [{ path: '', message: 'must not have the same key twice in one object' }]
    // Once more, now that it is known to be shallow: with a function, JSON.parse recurses.
    return { value: JSON.parse(text, keepDigits as Digits as (key: string, value: unknown) => unknown) }
  } catch {
    return [{ path: '', message: 'must be JSON' }]
  }
}

/** A value of this shape, or what is wrong with it under `path`. */
export function readShape<Shape extends z.ZodType>(
  shape: Shape,
  value: unknown,
  path = '',
): { value: z.output<Shape> } | readonly FieldFault[] {
  const parsed = shape.safeParse(value)
  if (parsed.success) return { value: parsed.data }
  return parsed.error.issues.slice(0, FAULTS_MAX).map((issue) => ({
    path:
      path +
      issue.path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 64)}`).join(''),
    message: issue.message,
  }))
}

/** A payload that is wrong everywhere still gets a short answer. */
const FAULTS_MAX = 20

export function hexDigest(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}

function keepDigits(_key: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
    ? (source ?? value)
    : value
}
