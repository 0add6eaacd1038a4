import { z } from 'zod'

type Definition = Record<string, unknown> & { type: string }

/**
 * The same shape, but every object in it refuses fields it does not name, unless it was declared loose
 * (`z.looseObject`, `.catchall`). So no route accepts a misspelt field in silence.
 */
export function refuseUnknownFields<S extends z.ZodType>(shape: S): S {
  return strict(shape) as S
}

/** Which parts of a definition hold further shapes. Kinds that are not here hold none, or none that reads objects. */
const partsOf: Readonly<Record<string, readonly string[]>> = {
  object: ['shape'],
  array: ['element'],
  union: ['options'],
  tuple: ['items', 'rest'],
  record: ['valueType'],
  optional: ['innerType'],
  nullable: ['innerType'],
  default: ['innerType'],
  prefault: ['innerType'],
  nonoptional: ['innerType'],
  readonly: ['innerType'],
  catch: ['innerType'],
}

function strict(shape: z.ZodType): z.ZodType {
  const definition = shape._zod.def as unknown as Definition
  const parts = definition.type === 'pipe' ? pipeParts(definition) : (partsOf[definition.type] ?? [])
  if (parts.length === 0) return shape
  const changes = Object.fromEntries(parts.map((part) => [part, strictPart(definition[part])]))
  if (definition.type === 'object' && definition.catchall === undefined) changes.catchall = z.never()
  // `parent` keeps what was registered about the shape, such as its description.
  return shape.clone({ ...definition, ...changes } as never, { parent: true })
}

/** A preprocessing step reads anything; the shape is what comes after it. Otherwise the input side is what was sent. */
function pipeParts({ in: input }: Definition): readonly string[] {
  return (input as z.ZodType)._zod.def.type === 'transform' ? ['out'] : ['in']
}

function strictPart(part: unknown): unknown {
  if (part instanceof z.ZodType) return strict(part)
  if (Array.isArray(part)) return part.map(strictPart)
  if (part === null || typeof part !== 'object') return part
  return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, strictPart(one)]))
}
