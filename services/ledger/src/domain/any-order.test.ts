import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expectedBalances, type HistoryRequest, histories } from '../../test/histories.ts'
import { balanceOf, emptyBooks } from '../../test/table.ts'
import { post } from './books.ts'
import { statuses } from './status.ts'

/** Posts in this order; what comes too early comes again later, as the broker would bring it. */
function arrive(requests: readonly HistoryRequest[]) {
  const books = emptyBooks()
  let waiting = [...requests]
  while (waiting.length > 0) {
    const early = waiting.filter((request) => statuses[post(books, request).status] === 'not_yet')
    if (early.length === waiting.length) break
    waiting = early
  }
  return books
}

test('the same events in any order, some of them twice, end in the same balances', () => {
  fc.assert(
    fc.property(histories, ({ requests, users }) => {
      const books = arrive(requests)
      const expected = expectedBalances(requests)
      for (const user of users) {
        const found = Object.fromEntries(
          ['pending', 'available', 'held', 'owed', 'earned'].map((name) => [name, balanceOf(books, user, name)]),
        )
        expect(found).toEqual(expected(user))
      }
    }),
    { numRuns: 1_000 },
  )
})
