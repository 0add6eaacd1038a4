import type { z } from 'zod'
import { Problem } from './problem.ts'
import type { Route } from './route.ts'
import { refuseUnknownFields } from './strict-shape.ts'

export type RawInput = Readonly<{ body: unknown; params: unknown; query: unknown }>

// A payload that is wrong everywhere still gets a short answer.
const ERRORS_MAX = 20

/** Checks what a route is given; the errors of body, params and query in one `payload_invalid`. */
export function inputReader(route: Route): (input: RawInput) => RawInput {
  const shapes = {
    body: route.body && refuseUnknownFields(route.body),
    params: route.params && refuseUnknownFields(route.params),
    query: route.query && refuseUnknownFields(route.query),
  }
  const raw = route.rawBodyMaxBytes !== undefined
  return ({ body, params, query }) => {
    const errors: FieldError[] = []
    if (!raw && !shapes.body && body !== undefined) errors.push({ path: '', message: 'no body is taken here' })
    if (!shapes.query) errors.push(...unknownQuery(query))
    const read = {
      body: raw ? body : check(shapes.body, body, '', errors),
      params: check(shapes.params, params, '/params', errors),
      query: check(shapes.query, query, '/query', errors),
    }
    if (errors.length > 0)
      throw new Problem('payload_invalid', { errors: firstOfEachPath(errors).slice(0, ERRORS_MAX) })
    return read
  }
}

type FieldError = { path: string; message: string }

/** One sentence for each place: the first says what is wrong, those after it follow from it. */
function firstOfEachPath(errors: readonly FieldError[]): FieldError[] {
  return errors.filter((error, index) => errors.findIndex((other) => other.path === error.path) === index)
}

function check(shape: z.ZodType | undefined, value: unknown, prefix: string, errors: FieldError[]): unknown {
  if (shape === undefined) return undefined
  if (value === undefined && prefix === '') value = missingBody
  const parsed = shape.safeParse(value === missingBody ? undefined : value)
  if (parsed.success) return parsed.data
  if (value === missingBody) errors.push({ path: '', message: 'a body is needed' })
  else errors.push(...parsed.error.issues.flatMap((issue) => toErrors(issue, prefix)))
  return undefined
}

const missingBody = Symbol('missing body')

function toErrors(issue: z.core.$ZodIssue, prefix: string): FieldError[] {
  const path = prefix + issue.path.map((part) => `/${pointer(String(part))}`).join('')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: `${path}/${pointer(key.slice(0, 100))}`, message: 'is not known here' }))
  }
  if (issue.code === 'invalid_union') {
    // The branch that got furthest says more than "invalid input".
    const nearest = issue.errors.toSorted((left, right) => depth(right) - depth(left))[0]
    if (nearest !== undefined && nearest.length > 0) return nearest.flatMap((inner) => toErrors(inner, path))
  }
  return [{ path, message: issue.message }]
}

const depth = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map((issue) => issue.path.length)) - issues.length / 100

/** JSON Pointer (RFC 6901) escapes. */
const pointer = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1')

function unknownQuery(query: unknown): FieldError[] {
  return Object.keys(query ?? {}).map((name) => ({
    path: `/query/${pointer(name.slice(0, 100))}`,
    message: 'is not known here',
  }))
}
