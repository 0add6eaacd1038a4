import { currencies } from '@tributary/money'
import { z } from 'zod'
import { refuseUnknownFields } from './strict-shape.ts'

export type Json = Record<string, unknown>

/** Shapes that stand in nearly every document, so that each says them once. */
export const sharedSchemas: Json = {
  Currency: { type: 'string', enum: currencies, description: 'ISO 4217 code in capitals.' },
  Problem: {
    type: 'object',
    description: 'RFC 9457. `code` is stable; each has a page in docs/errors.',
    required: ['type', 'title', 'status', 'code'],
    properties: {
      type: { type: 'string', format: 'uri' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string' },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          required: ['path', 'message'],
          properties: { path: { type: 'string' }, message: { type: 'string' } },
        },
      },
    },
  },
}

/** What an answer is, as it travels: the input side of codecs, since answers are encoded back to it. */
export function answerSchema(shape: z.ZodType): Json {
  return alwaysThere(wireSchema(shape)) as Json
}

/** What a caller may send: objects say that they take nothing more. */
export function inputSchema(shape: z.ZodType): Json {
  return wireSchema(refuseUnknownFields(shape))
}

function wireSchema(shape: z.ZodType): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' })
  return shorten(schema) as Json
}

/** What may be left out of a request since it has a default is in every answer. */
function alwaysThere(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(alwaysThere)
  if (typeof schema !== 'object' || schema === null) return schema
  const { default: _, ...kept } = schema as Json
  const parts = Object.fromEntries(
    // The names of properties are no keywords: one of them may be `default`.
    Object.entries(kept).map(([key, value]) => [
      key,
      key === 'properties' ? eachAlwaysThere(value) : alwaysThere(value),
    ]),
  )
  const { properties, required = [] } = schema as { properties?: Record<string, Json>; required?: string[] }
  if (properties === undefined) return parts
  const defaulted = Object.keys(properties).filter((name) => 'default' in properties[name]!)
  const all = [...new Set([...required, ...defaulted])]
  return all.length === 0 ? parts : { ...parts, required: all }
}

const eachAlwaysThere = (properties: unknown): Json =>
  Object.fromEntries(Object.entries(properties as Json).map(([name, schema]) => [name, alwaysThere(schema)]))

/** Says each thing once: `format` says more than its pattern, and the list of currencies stands in one place. */
function shorten(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(shorten)
  if (typeof schema !== 'object' || schema === null) return schema
  if (isCurrency(schema as Json)) return { $ref: '#/components/schemas/Currency' }
  const kept = Object.entries(schema).filter(
    ([key, value]) => key !== 'pattern' || typeof value !== 'string' || !('format' in schema),
  )
  return Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      key === 'pattern' && typeof value === 'string' ? portable(value) : shorten(value),
    ]),
  )
}

const isCurrency = ({ enum: values }: Json): boolean =>
  Array.isArray(values) && values.length === currencies.length && values[0] === currencies[0]

const controls = '\\u0000-\\u001f\\u007f-\\u009f'

/**
 * A pattern that validators of any language read: most know no Unicode classes. It forbids the control characters and leaves
 * rarer ones to our own check, so it never refuses what we would take.
 */
function portable(pattern: string): string {
  return pattern
    .replaceAll(/\\P\{Cc?\}/g, `[^${controls}]`)
    .replaceAll(/\\p\{Cc?\}/g, controls)
    .replaceAll('\\p{Cs}', '')
}
