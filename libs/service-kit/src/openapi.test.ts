import { amountField } from '@tributary/contracts'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openApi } from './openapi.ts'
import { answer, route } from './route.ts'

const adjust = route({
  method: 'POST',
  path: '/api/v1/things/{id}',
  summary: 'Change a thing',
  access: { scope: 'users:write', personOnly: true },
  idempotencyKey: 'required',
  params: z.object({ id: z.uuid() }),
  query: z.object({ limit: z.coerce.number().int().default(50).meta({ description: 'At most.' }) }),
  body: z.object({ amount: amountField }),
  answers: { 201: z.object({ amount: amountField }), 204: z.null() },
  problems: ['code_taken'],
  handle: () => answer(204, null),
})

test('a route is described by the shapes that check it, as values travel', () => {
  const description = openApi('rewards', [adjust]) as {
    paths: Record<string, Record<string, unknown>>
    components: unknown
  }
  expect(description.paths['/api/v1/things/{id}']?.post).toMatchObject({
    security: [{ bearer: ['users:write'] }],
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
      { name: 'limit', in: 'query', required: false, description: 'At most.' },
      { name: 'Idempotency-Key', in: 'header', required: true },
    ],
    requestBody: {
      content: { 'application/json': { schema: { properties: { amount: { type: 'integer', minimum: 1 } } } } },
    },
    responses: {
      201: { content: { 'application/json': { schema: { properties: { amount: { type: 'integer' } } } } } },
      204: { description: 'Done.' },
      400: problem('request_malformed'),
      401: problem('token_missing.token_invalid'),
      403: problem('scope_required.person_required'),
      404: problem('not_found'),
      405: problem('method_not_allowed'),
      409: problem('code_taken.idempotency_conflict'),
      413: problem('payload_too_large'),
      415: problem('content_type_unsupported'),
      422: problem('payload_invalid.idempotency_key_missing'),
      503: problem('temporarily_unavailable'),
    },
  })
  expect(description.components).toMatchObject({
    responses: {
      'code_taken.idempotency_conflict': {
        description: expect.stringMatching(/code_taken.*idempotency_conflict/) as string,
        content: { 'application/problem+json': {} },
      },
    },
  })
})

const problem = (codes: string) => ({ $ref: `#/components/responses/${codes}` })

test('a route that also answers CSV says so', () => {
  const { idempotencyKey: _, ...rest } = adjust
  const description = openApi('rewards', [{ ...rest, csv: 'One line for each thing.' }])
  expect(description.paths).toMatchObject({
    '/api/v1/things/{id}': {
      post: { responses: { 201: { content: { 'application/json': {}, 'text/csv': { schema: { type: 'string' } } } } } },
    },
  })
})

test('a body that may be left out is not said to be required', () => {
  const { idempotencyKey: _, ...rest } = adjust
  const description = openApi('rewards', [
    { ...rest, path: '/needed' },
    { ...rest, path: '/perhaps', body: z.object({}).optional() },
  ])
  expect(description.paths).toMatchObject({
    '/needed': { post: { requestBody: { required: true } } },
    '/perhaps': { post: { requestBody: { required: false } } },
  })
})

test('two methods of one path stand beside each other', () => {
  const { idempotencyKey: _, ...rest } = adjust
  const description = openApi('rewards', [adjust, { ...rest, method: 'GET' }]) as { paths: Record<string, object> }
  expect(Object.keys(description.paths['/api/v1/things/{id}']!)).toEqual(['post', 'get'])
})

test('a body is said to take nothing more, and an answer may grow', () => {
  const { idempotencyKey: _, ...rest } = adjust
  const description = openApi('rewards', [rest])
  expect(description.paths).toMatchObject({
    '/api/v1/things/{id}': {
      post: { requestBody: { content: { 'application/json': { schema: { additionalProperties: false } } } } },
    },
  })
  expect(JSON.stringify(description).match(/additionalProperties/g)).toHaveLength(1)
})

test('patterns are such as validators of any language read', () => {
  const { idempotencyKey: _, ...rest } = adjust
  const text = z.object({
    one: z.string().regex(/^\P{C}+$/u),
    other: z.string().regex(/^(?:[^\p{Cc}\p{Cs}]|[\t\n])*$/u),
  })
  const description = JSON.stringify(openApi('rewards', [{ ...rest, body: text }]))
  expect(description).not.toMatch(/\\p\{/i)
  const patterns = [...description.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
    ([, found]) => JSON.parse(found!) as string,
  )
  expect(patterns).toHaveLength(2)
  for (const pattern of patterns) {
    expect('Zoë 🎉').toMatch(new RegExp(pattern))
    expect('a\u0000b').not.toMatch(new RegExp(pattern))
  }
})

test('headers, examples and the type of a raw body are told', () => {
  const raw = route({
    method: 'POST',
    path: '/raw',
    summary: 'Take bytes',
    access: { public: 'a test' },
    rawBodyMaxBytes: 10,
    rawBodyType: 'text/plain',
    headers: { 'x-signature': 'Of the bytes.' },
    answers: { 200: z.object({ ok: z.boolean() }), 401: z.object({ error: z.string() }) },
    problems: ['signature_missing'],
    examples: { body: { 'A word': 'word' }, answers: { 200: { 'All is well': { ok: true } } } },
    handle: () => answer(200, { ok: true }),
  })
  expect(openApi('rewards', [raw]).paths).toMatchObject({
    '/raw': {
      post: {
        parameters: [{ name: 'x-signature', in: 'header', required: true, description: 'Of the bytes.' }],
        requestBody: { content: { 'text/plain': { examples: { 'a-word': { summary: 'A word', value: 'word' } } } } },
        responses: {
          200: { content: { 'application/json': { examples: { 'all-is-well': { value: { ok: true } } } } } },
          401: { content: { 'application/json': {}, 'application/problem+json': {} } },
        },
      },
    },
  })
})
