import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { expect, test } from 'vitest'
import { type Content, describeServices, operationsOf, type Schema } from './documents.ts'

const services = describeServices()

test.each(services)('the OpenAPI document of $name is one', async ({ document }) => {
  expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true })
})

test.each(services)('the examples of $name are what it takes and gives, to the last field', ({ document }) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  formats.default(ajv)
  const wrong = operationsOf(document).flatMap(([name, { requestBody, responses }]) =>
    [requestBody?.content, ...Object.values(responses).map(({ content }) => content)].flatMap((content = {}) =>
      examplesIn(content).flatMap(({ title, schema, value }) => {
        const check = ajv.compile({ ...closed(schema), components: document.components })
        return check(value) ? [] : [{ name, title, errors: ajv.errorsText(check.errors) }]
      }),
    ),
  )
  expect(wrong).toEqual([])
})

test.each(services)('the patterns of $name are such as validators of any language read', ({ document }) => {
  // `portable` in libs/service-kit/src/openapi-schema.ts knows what to write instead.
  expect(JSON.stringify(document)).not.toMatch(/\\\\[pP]\{/)
})

test('what people ask first has examples', () => {
  const withExamples = services.flatMap(({ document }) =>
    operationsOf(document)
      .filter(([, { responses }]) =>
        Object.values(responses).some(({ content = {} }) => examplesIn(content).length > 0),
      )
      .map(([name]) => name),
  )
  expect(withExamples).toEqual(
    expect.arrayContaining([
      'POST /api/v1/webhooks/events',
      'POST /api/v1/webhooks/verify',
      'GET /api/v1/webhooks/events/{eventId}',
      'GET /api/v1/webhooks/rejections',
      'POST /api/v1/users',
      'POST /api/v1/reward-rules',
      'POST /api/v1/reward-rules/simulate',
      'GET /api/v1/rewards/{id}',
      'GET /api/v1/users/{id}/balance',
      'POST /oauth/token',
    ]),
  )
})

function examplesIn(content: Content) {
  return Object.values(content).flatMap(({ schema, examples = {} }) =>
    Object.entries(examples).map(([title, { value }]) => ({ title, schema, value })),
  )
}

/** The same schema, but objects have nothing beyond what it names: an example that tells of a field since removed is wrong. */
function closed(schema: Schema): Schema {
  const parts = Object.entries(schema).map(([key, value]) => [key, closePart(value)])
  const closes = 'properties' in schema && !('additionalProperties' in schema)
  return { ...Object.fromEntries(parts), ...(closes ? { additionalProperties: false } : {}) }
}

function closePart(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closePart)
  return typeof part === 'object' && part !== null ? closed(part as Schema) : part
}
