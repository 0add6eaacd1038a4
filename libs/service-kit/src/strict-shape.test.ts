import { amountField } from '@tributary/contracts'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { refuseUnknownFields } from './strict-shape.ts'

const inner = z.object({ a: z.string() })

test.each([
  ['at the top', inner, { a: 'x', more: 1 }],
  ['in a field', z.object({ inner }), { inner: { a: 'x', more: 1 } }],
  ['in an optional field', z.object({ inner: inner.optional() }), { inner: { a: 'x', more: 1 } }],
  [
    'in a nullable field with a default',
    z.object({ inner: inner.nullable().default(null) }),
    { inner: { a: 'x', more: 1 } },
  ],
  ['in a list', z.array(inner), [{ a: 'x', more: 1 }]],
  ['in a record', z.record(z.string(), inner), { k: { a: 'x', more: 1 } }],
  ['in a tuple', z.tuple([inner]), [{ a: 'x', more: 1 }]],
  ['in a union', z.union([z.string(), inner]), { a: 'x', more: 1 }],
  [
    'in a discriminated union',
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('fixed'), n: z.int() }),
      z.object({ kind: z.literal('none') }),
    ]),
    { kind: 'none', n: 1 },
  ],
  ['before a transformation', inner.transform((value) => value.a), { a: 'x', more: 1 }],
  ['after a preprocessing', z.preprocess((value) => value, inner), { a: 'x', more: 1 }],
  ['in a refined object', inner.refine(() => true), { a: 'x', more: 1 }],
])('an unknown field is refused %s', (_name, shape: z.ZodType, value: unknown) => {
  expect(shape.safeParse(value).success).toBe(true)
  expect(refuseUnknownFields(shape).safeParse(value).success).toBe(false)
})

test('an object that was declared loose stays so', () => {
  const shape = z.object({ data: z.looseObject({ a: z.string() }) })
  expect(refuseUnknownFields(shape).parse({ data: { a: 'x', more: 1 } })).toEqual({ data: { a: 'x', more: 1 } })
})

test('codecs, refinements and descriptions survive', () => {
  const shape = refuseUnknownFields(
    z
      .object({ amount: amountField, b: z.string().default('b') })
      .refine(({ amount }) => amount !== 13n, { error: 'not thirteen' })
      .meta({ description: 'kept' }),
  )
  expect(shape.parse({ amount: 5 })).toEqual({ amount: 5n, b: 'b' })
  expect(shape.safeParse({ amount: 13 }).error?.issues[0]?.message).toBe('not thirteen')
  expect(shape.meta()).toEqual({ description: 'kept' })
})
