import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEPTH_MAX, findJsonFault, hasRepeatedKey } from './json-limits.ts'

const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth))

describe('a payload', () => {
  it.each([
    '{}',
    '{"a":[1,"x",null,true,{"b":-0.5e-3}]}',
    '{"constructor":{"prototype":1},"toString":2}',
    '{"text":"\ud83c\udf81 \\ud83c\\udf81 \\t \\u0001"}',
    '{"big":123456789012345678901234567890}',
    '[]',
    '7',
  ])('that everybody can read passes: %s', (text) => expect(findJsonFault(JSON.parse(text))).toBeNull())

  it.each([
    ['{"a":{"b":["x","\\u0000"]}}', '/a/b/1', /NUL/],
    ['{"a":"\\ud83c"}', '/a', /surrogate/],
    ['{"a":"\\udf81\\ud83c"}', '/a', /surrogate/],
    ['{"a":{"\\u0000":1}}', '/a', /key that contains NUL/],
    ['{"a":1e999}', '/a', /double/],
    ['{"a":[-1e999]}', '/a/0', /double/],
    ['{"a":{"__proto__":{"admin":true}}}', '/a', /__proto__/],
    ['{"a/b":{"c~d":"\\u0000"}}', '/a~1b/c~0d', /NUL/],
  ])('that somebody could not read is refused: %s', (text, path, message) => {
    expect(findJsonFault(JSON.parse(text))).toEqual({ path, message: expect.stringMatching(message) })
  })

  it('may be nested so deep and no deeper', () => {
    expect(findJsonFault(nested(DEPTH_MAX))).toBeNull()
    expect(findJsonFault(nested(DEPTH_MAX + 1))).toMatchObject({ message: expect.stringContaining('nested') })
    expect(findJsonFault(nested(30_000))).toMatchObject({ message: expect.stringContaining('nested') })
  })
})

describe('a text of JSON', () => {
  it.each([
    ['{"a":1,"a":1}', true],
    ['{"a":[{"b":{"c":1,"d":2,"c":3}}]}', true],
    ['{"a":1,"\\u0061":2}', true],
    ['{"a":"b\\"","a":":"}', true],
    ['{}', false],
    ['[[],{},":",7]', false],
    ['{"a:":{"a:":":","\\\\":"\\":\\\\"},":b":[{"a":1},{"a":1}]}', false],
    ['{ "a" : "x" , "b" : { "a" : 1 } }', false],
  ])('is searched for a key that comes twice in an object: %s', (text, expected) => {
    expect(hasRepeatedKey(text, JSON.parse(text))).toBe(expected)
  })

  it('has no repeated key where JSON.stringify made it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value)
        expect(hasRepeatedKey(text, JSON.parse(text))).toBe(false)
      }),
      { numRuns: 200 },
    )
  })
})
