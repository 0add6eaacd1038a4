import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, parseJson } from './json.ts'
import { Problem } from './problem.ts'

const read = (text: string) => parseJson(Buffer.from(text))

test('what JSON can say is read as it was said', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value)
      // The generator is fond of the keys that are refused, and the matchers take a field called constructor for a class.
      fc.pre(!/__proto__|prototype|constructor/.test(text))
      expect(isDeepStrictEqual(read(text), JSON.parse(text))).toBe(true)
    }),
  )
})

test.each([
  ['nothing', ''],
  ['no JSON', '{"a":'],
  ['text after it', '{} {}'],
  ['NaN', '{"a":NaN}'],
  ['__proto__', '{"__proto__":{"admin":true}}'],
  ['__proto__ deep inside', '{"a":[{"b":{"__proto__":1}}]}'],
  ['__proto__ written with escapes', '{"\\u005f_proto__":1}'],
  ['constructor.prototype', '{"constructor":{"prototype":{"admin":true}}}'],
  ['nesting that goes deeper than anyone needs', `${'['.repeat(33)}${']'.repeat(33)}`],
  ['nesting as deep as a body can hold', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
])('refused as malformed: %s', (_name, text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'request_malformed' }) as Problem)
})

test('bytes that are no UTF-8 are refused, not repaired', () => {
  expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(Problem)
})

test('a field that is only called constructor is a field', () => {
  expect(read('{"constructor":"Ferrari"}')).toEqual({ constructor: 'Ferrari' })
})

test('32 levels are fine', () => {
  expect(() => read(`${'['.repeat(32)}${']'.repeat(32)}`)).not.toThrow()
})

test('the canonical text depends on the value alone', () => {
  expect(canonicalJson(read('{ "b": [1, {"d":2,"c":null}], "a": "x" }'))).toBe('{"a":"x","b":[1,{"c":null,"d":2}]}')
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), (object) => {
      const backwards = Object.fromEntries(Object.entries(object).reverse())
      expect(canonicalJson(backwards)).toBe(canonicalJson(object))
    }),
  )
})
