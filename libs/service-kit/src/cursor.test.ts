import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromCursor, toCursor, toPage } from './cursor.ts'
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
