import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fromCursor, pageQuery, toCursor, toPage } from './cursor.ts'
import type { Problem } from './problem.ts'

const parked = { list: 'parked messages', status: 'parked' }

test('a cursor brings back its place under the same filters', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 50 }), { minLength: 1, maxLength: 3 }), (place) => {
      expect(fromCursor(toCursor(place, parked), parked, place.length)).toEqual(place)
    }),
  )
})

test('filters that were not given do not matter', () => {
  expect(fromCursor(toCursor(['p'], { ...parked, type: undefined }), parked, 1)).toEqual(['p'])
})

const mine = toCursor(['p'], parked)
test.each([
  ['of other filters', mine, { ...parked, status: 'replayed' }, 1],
  ['of another list with the same filters', mine, { ...parked, list: 'screenings' }, 1],
  ['of another list with longer places', mine, parked, 2],
  ['made up', 'abc', parked, 1],
  ['empty', '', parked, 1],
  ['of other things than text', Buffer.from('[{},1]').toString('base64url'), parked, 1],
])('a cursor is refused: %s', (_name, cursor, asked, parts) => {
  expect(() => fromCursor(cursor, asked, parts)).toThrow(
    expect.objectContaining({ code: 'payload_invalid' }) as Problem,
  )
})

test('there is a next page only where there is more', () => {
  expect(toPage([1, 2, 3], 2, parked, (row) => [String(row)]).items).toEqual([1, 2])
  const { nextCursor } = toPage([1, 2, 3], 2, parked, (row) => [String(row)])
  expect(fromCursor(nextCursor!, parked, 1)).toEqual(['2'])
  expect(toPage([1, 2], 2, parked, (row) => [String(row)]).nextCursor).toBeNull()
  expect(toPage([], 2, parked, (row) => [String(row)]).nextCursor).toBeNull()
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
