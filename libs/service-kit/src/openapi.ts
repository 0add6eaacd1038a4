import { type ProblemCode, problems } from '@tributary/contracts'
import { z } from 'zod'
import type { Route } from './route.ts'

type Json = Record<string, unknown>

/** The OpenAPI 3.1 description of some routes, from the very shapes that check and encode them. */
export function openApi(service: string, routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: `Tributary ${service}`, version: '1', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Problem: problemSchema },
    },
  }
}

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
  },
}

function operation(route: Route): Json {
  const { access } = route
  return {
    operationId: operationId(route),
    summary: route.summary,
    description: 'public' in access ? `No token: ${access.public}` : `Scope \`${access.scope}\`.`,
    ...('public' in access ? {} : { security: [{ bearer: [access.scope] }] }),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query'), ...keyParameter(route)],
    ...requestBody(route),
    responses: { ...goodAnswers(route), ...problemAnswers(route) },
  }
}

const operationId = ({ method, path }: Route): string =>
  `${method.toLowerCase()}-${path.replace('/api/v1/', '').replaceAll(/[^A-Za-z0-9]+/g, '-')}`.replace(/-$/, '')

/** As it travels: the input side of codecs, also for answers, which are encoded back to it. */
function onTheWire(shape: z.ZodType): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' })
  return schema
}

function parameters(shape: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (shape === undefined) return []
  const { properties = {}, required = [] } = onTheWire(shape) as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(typeof schema.description === 'string' ? { description: schema.description } : {}),
    schema,
  }))
}

function keyParameter({ idempotencyKey }: Route): Json[] {
  if (idempotencyKey === undefined) return []
  const required = idempotencyKey === 'required'
  const description = 'Same key and body, same answer; same key and another body, 409.'
  return [{ name: 'Idempotency-Key', in: 'header', required, description, schema: { type: 'string', maxLength: 255 } }]
}

function requestBody(route: Route): Json {
  if (route.rawBodyMaxBytes !== undefined) {
    const schema = route.body ? onTheWire(route.body) : { type: 'string', maxLength: route.rawBodyMaxBytes }
    return { requestBody: { required: true, content: { 'application/json': { schema } } } }
  }
  if (route.body === undefined) return {}
  const others = Object.keys(route.bodyReaders ?? {}).map((type) => [type, { schema: { type: 'string' } }] as const)
  const content = { 'application/json': { schema: onTheWire(route.body) }, ...Object.fromEntries(others) }
  return { requestBody: { required: !route.body.safeParse(undefined).success, content } }
}

function goodAnswers(route: Route): Json {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, shape]) => [
      status,
      status === '204'
        ? { description: 'Done.' }
        : {
            description: 'Good.',
            content: { [route.streams ?? 'application/json']: { schema: onTheWire(shape) }, ...csvContent(route) },
          },
    ]),
  )
}

function csvContent({ csv }: Route): Json {
  return csv === undefined ? {} : { 'text/csv': { schema: { type: 'string', description: csv } } }
}

function problemAnswers(route: Route): Json {
  const codes: ProblemCode[] = [...(route.problems ?? []), 'internal_error', 'temporarily_unavailable']
  if (!('public' in route.access)) codes.push('token_missing', 'token_invalid', 'scope_required')
  if (!('public' in route.access) && route.access.personOnly === true) codes.push('person_required')
  if (route.body ?? route.query ?? route.params) codes.push('payload_invalid')
  if (route.idempotencyKey !== undefined) codes.push('idempotency_conflict')
  if (route.idempotencyKey === 'required') codes.push('idempotency_key_missing')
  const byStatus = Map.groupBy(new Set(codes), (code) => problems[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => [
      status,
      {
        description: all.map((code) => `\`${code}\`: ${problems[code].title}.`).join(' '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}
