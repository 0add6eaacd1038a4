import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fromCursor, pageQuery, toCursor, toPage } from './cursor.ts'
import type { Problem } from './problem.ts'

test('a cursor brings back its place under the same filters', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 50 }), { minLength: 1, maxLength: 3 }), (place) => {
      expect(fromCursor(toCursor(place, { status: 'parked' }), { status: 'parked' }, place.length)).toEqual(place)
    }),
  )
})

test('filters that were not given do not matter', () => {
  expect(fromCursor(toCursor(['p'], { a: 1, b: undefined }), { a: 1 }, 1)).toEqual(['p'])
})

const mine = toCursor(['p'], { status: 'parked' })
test.each([
  ['of other filters', mine, { status: 'replayed' }, 1],
  ['of another list', mine, { status: 'parked' }, 2],
  ['made up', 'abc', { status: 'parked' }, 1],
  ['empty', '', { status: 'parked' }, 1],
  ['of other things than text', Buffer.from('[{},1]').toString('base64url'), { status: 'parked' }, 1],
])('a cursor is refused: %s', (_name, cursor, filters, parts) => {
  expect(() => fromCursor(cursor, filters, parts)).toThrow(
    expect.objectContaining({ code: 'payload_invalid' }) as Problem,
  )
})

test('there is a next page only where there is more', () => {
  expect(toPage([1, 2, 3], 2, {}, (row) => [String(row)]).items).toEqual([1, 2])
  const { nextCursor } = toPage([1, 2, 3], 2, {}, (row) => [String(row)])
  expect(fromCursor(nextCursor!, {}, 1)).toEqual(['2'])
  expect(toPage([1, 2], 2, {}, (row) => [String(row)]).nextCursor).toBeNull()
  expect(toPage([], 2, {}, (row) => [String(row)]).nextCursor).toBeNull()
})

test('a limit is a whole number from 1 to 200 in digits', () => {
  const shape = z.object(pageQuery)
  expect(['1', '200', undefined].map((limit) => shape.parse({ limit }).limit)).toEqual([1, 200, 50])
  for (const limit of ['0', '201', '1e1', '0x10', '', ' 5', '-1', '5.0', ['1', '2'], '9'.repeat(400)]) {
    expect(shape.safeParse({ limit }).error?.issues, String(limit)).toMatchObject([
      { message: 'must be a whole number from 1 to 200' },
    ])
  }
})
