import { type Feature, type ProblemCode, planThatHas, problems } from '@tributary/contracts'
import type { z } from 'zod'
import { answerSchema, inputSchema, type Json, sharedSchemas } from './openapi-schema.ts'
import type { Route } from './route.ts'

/** The OpenAPI 3.1 description of some routes, from the very shapes that check and encode them. */
export function openApi(service: string, routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {}
  const responses: Json = {}
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, responses) }
  }
  return {
    openapi: '3.1.0',
    info: { title: `Tributary ${service}`, version: '1', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: sharedSchemas,
      responses,
    },
  }
}

function operation(route: Route, responses: Json): Json {
  const { access } = route
  return {
    operationId: operationId(route),
    summary: route.summary,
    description: ('public' in access ? `No token: ${access.public}` : `Scope \`${access.scope}\`.`) + planOf(route),
    ...('public' in access ? {} : { security: [{ bearer: [access.scope] }] }),
    parameters: [
      ...parameters(route.params, 'path'),
      ...parameters(route.query, 'query'),
      ...keyParameter(route),
      ...headerParameters(route),
    ],
    ...requestBody(route),
    responses: withProblems(goodAnswers(route), problemAnswers(route, responses)),
  }
}

function planOf({ needs, csvNeeds }: Route): string {
  const from = (feature: Feature) => `\`${planThatHas(feature)}\``
  const all = needs === undefined ? '' : ` From the plan ${from(needs)} on.`
  return csvNeeds === undefined ? all : `${all} As CSV from the plan ${from(csvNeeds)} on.`
}

const operationId = ({ method, path }: Route): string =>
  `${method.toLowerCase()}-${path.replace('/api/v1/', '').replaceAll(/[^A-Za-z0-9]+/g, '-')}`.replace(/-$/, '')

function parameters(shape: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (shape === undefined) return []
  const { properties = {}, required = [] } = inputSchema(shape) as {
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

function headerParameters({ headers = {} }: Route): Json[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: true,
    description,
    schema: { type: 'string' },
  }))
}

function requestBody(route: Route): Json {
  const { body, rawBodyMaxBytes, rawBodyType = 'application/json' } = route
  const examples = named(route.examples?.body)
  if (rawBodyMaxBytes !== undefined) {
    const schema = body ? answerSchema(body) : { type: 'string', maxLength: rawBodyMaxBytes }
    return { requestBody: { required: true, content: { [rawBodyType]: { schema, ...examples } } } }
  }
  if (body === undefined) return {}
  const others = Object.keys(route.bodyReaders ?? {}).map((type) => [type, { schema: { type: 'string' } }] as const)
  const content = { 'application/json': { schema: inputSchema(body), ...examples }, ...Object.fromEntries(others) }
  return { requestBody: { required: !body.safeParse(undefined).success, content } }
}

function goodAnswers(route: Route): Record<string, Json> {
  const { answers, csv, streams = 'application/json' } = route
  const table = csv === undefined ? {} : { 'text/csv': { schema: { type: 'string', description: csv } } }
  const described = Object.entries(answers).map(([status, shape]) => {
    if (status === '204') return [status, { description: 'Done.' }] as const
    const examples = named(route.examples?.answers?.[Number(status)])
    const content = { [streams]: { schema: answerSchema(shape), ...examples }, ...table }
    return [status, { description: Number(status) < 300 ? 'Good.' : 'Refused.', content }] as const
  })
  if (described.length === 0 && csv !== undefined) return { 200: { description: 'Good.', content: table } }
  return Object.fromEntries(described)
}

function named(examples: Readonly<Record<string, unknown>> | undefined): Json {
  if (examples === undefined) return {}
  const entries = Object.entries(examples).map(([summary, value]) => [
    summary.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    { summary, value },
  ])
  return { examples: Object.fromEntries(entries) }
}

/** A status may be answered in a route's own format and as a problem. */
function withProblems(own: Record<string, Json>, ours: Record<string, Json>): Json {
  const both = Object.keys(own).filter((status) => status in ours)
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  return {
    ...own,
    ...ours,
    ...Object.fromEntries(
      both.map((status) => [status, { ...own[status], content: { ...(own[status]!.content as Json), ...problem } }]),
    ),
  }
}

/** Each set of problems under one status is described once in a document, by the names of its codes. */
function problemAnswers(route: Route, responses: Json): Record<string, Json> {
  const byStatus = Map.groupBy(codesOf(route), (code) => problems[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => {
      const name = codes.join('.')
      responses[name] = {
        description: codes.map((code) => `\`${code}\`: ${problems[code].title}.`).join(' '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      }
      return [status, { $ref: `#/components/responses/${name}` }]
    }),
  )
}

/** Every problem that a route can answer. */
export function codesOf(route: Route): ReadonlySet<ProblemCode> {
  const codes: ProblemCode[] = [...(route.problems ?? []), 'request_malformed', 'method_not_allowed']
  codes.push('request_timeout', 'headers_too_large', 'internal_error', 'temporarily_unavailable')
  if (!('public' in route.access)) codes.push('token_missing', 'token_invalid', 'scope_required')
  if (!('public' in route.access) && route.access.personOnly === true) codes.push('person_required')
  if (route.needs ?? route.csvNeeds) codes.push('plan_required')
  if (route.body ?? route.query ?? route.params) codes.push('payload_invalid')
  if (route.params) codes.push('not_found')
  if (route.body ?? route.rawBodyMaxBytes) codes.push('payload_too_large')
  if (route.body && route.rawBodyMaxBytes === undefined) codes.push('content_type_unsupported')
  if (route.idempotencyKey !== undefined) codes.push('idempotency_conflict')
  if (route.idempotencyKey === 'required') codes.push('idempotency_key_missing')
  return new Set(codes)
}
