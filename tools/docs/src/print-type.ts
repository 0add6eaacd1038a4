import type { Schema } from './documents.ts'

export type Direction = 'input' | 'answer'

/**
 * A JSON schema in TypeScript. What a caller hands in may be `undefined` where it may be missing; an integer that is not said
 * to fit a double may come as a bigint.
 */
export function printType(schema: Schema, direction: Direction, indent = ''): string {
  const { $ref, enum: values, anyOf, oneOf, allOf, type, items, prefixItems } = schema as Keywords
  const of = (part: Schema) => printType(part, direction, indent)
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf('/') + 1)
  if ('const' in schema) return literal(schema.const)
  if (values !== undefined) return values.map(literal).join(' | ')
  const choices = anyOf ?? oneOf
  if (choices !== undefined) return [...new Set(choices.map(of))].join(' | ')
  if (allOf !== undefined) return allOf.map((part) => `(${of(part)})`).join(' & ')
  if (Array.isArray(type)) return type.map((one) => of({ ...schema, type: one as string })).join(' | ')
  if (prefixItems !== undefined) return `readonly [${prefixItems.map(of).join(', ')}]`
  if (type === 'array') return `readonly ${isChoice(items) ? `(${of(items!)})` : of(items ?? {})}[]`
  if (type === 'object') return printObject(schema as Keywords, direction, indent)
  if (type === 'integer') return fitsDouble(schema as Keywords) ? 'number' : 'number | bigint'
  return typeof type === 'string' ? type : 'unknown'
}

type Keywords = Readonly<{
  $ref?: string
  enum?: readonly unknown[]
  anyOf?: readonly Schema[]
  oneOf?: readonly Schema[]
  allOf?: readonly Schema[]
  type?: string | readonly string[]
  items?: Schema
  prefixItems?: readonly Schema[]
  properties?: Readonly<Record<string, Schema>>
  required?: readonly string[]
  additionalProperties?: boolean | Schema
  minimum?: number
  maximum?: number
}>

const fitsDouble = ({ minimum = -Infinity, maximum = Infinity }: Keywords): boolean =>
  minimum >= -Number.MAX_SAFE_INTEGER && maximum <= Number.MAX_SAFE_INTEGER

function printObject(schema: Keywords, direction: Direction, indent: string): string {
  const { properties = {}, required = [], additionalProperties: more } = schema
  const names = Object.keys(properties)
  const value = typeof more === 'object' ? printType(more, direction, indent) : 'unknown'
  if (names.length === 0) return more === false ? 'Record<string, never>' : `Readonly<Record<string, ${value}>>`
  const inner = `${indent}  `
  const lines = names.map((name) => {
    const property = properties[name]!
    const isNeeded = required.includes(name)
    const type = printType(property, direction, inner)
    const missing = isNeeded || direction === 'answer' ? '' : ' | undefined'
    return `${comment(property, inner)}${inner}${key(name)}${isNeeded ? '' : '?'}: ${type}${missing}\n`
  })
  const rest = typeof more === 'object' || more === true ? `${inner}[more: string]: unknown\n` : ''
  return `{\n${lines.join('')}${rest}${indent}}`
}

/** One line above what it is about, or nothing. */
export function comment({ description }: Schema, indent: string): string {
  return typeof description === 'string' ? `${indent}/** ${description.replaceAll('*/', '* /')} */\n` : ''
}

const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name))

/** Printed with a bar in it. */
const isChoice = ({ enum: values = [], anyOf, oneOf, type, ...rest }: Keywords = {}): boolean =>
  values.length > 1 ||
  (anyOf ?? oneOf) !== undefined ||
  Array.isArray(type) ||
  (type === 'integer' && !fitsDouble(rest))

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replaceAll(/['\\]/g, '\\$&')}'` : JSON.stringify(value)
}
