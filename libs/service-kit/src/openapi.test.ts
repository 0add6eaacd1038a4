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
  const description = openApi('rewards', [adjust]) as { paths: Record<string, Record<string, unknown>> }
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
      401: { description: expect.stringContaining('token_missing') as string },
      403: { description: expect.stringContaining('person_required') as string },
      409: { description: expect.stringMatching(/code_taken.*idempotency_conflict/) as string },
      422: { content: { 'application/problem+json': {} } },
      503: {},
    },
  })
})

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
