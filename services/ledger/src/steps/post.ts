import type { Transaction } from '@tributary/database'
import type { Because, Publish } from '@tributary/messaging'
import { type Books, post } from '../domain/books.ts'
import type { Request } from '../domain/request.ts'
import type { Status } from '../domain/status.ts'
import { lockAndLoadBooks } from '../store/load-books.ts'
import type { Transfer } from '../store/post-batch.ts'
import { fingerprinted } from './fingerprint.ts'
import { savePostings } from './save-postings.ts'

/** What a command or a job asks for. `effectiveAt`: when it happened, RFC 3339. */
export type Ask = Readonly<{ request: Request; because: Because; effectiveAt: string }>
export type Posted = Readonly<{ status: Status; transfers: readonly Transfer[] }>

/**
 * Answers requests that come by another way than events, in the caller's transaction: one batch, in this order. It holds the
 * ledger's lock to the end of the transaction, so what follows should be short.
 */
export async function postNow(
  tx: Transaction,
  publish: Publish,
  newId: () => string,
  asks: readonly Ask[],
): Promise<Posted[]> {
  const requests = asks.map(({ request }) => fingerprinted(request))
  const books: Books = await lockAndLoadBooks(tx, requests)
  const answered = asks.map(({ because, effectiveAt }, index) => ({
    request: requests[index]!,
    posting: post(books, requests[index]!),
    because,
    effectiveAt,
  }))
  const transfers = await savePostings(tx, answered, publish, newId)
  return answered.map(({ posting: { status } }, index) => ({ status, transfers: transfers[index]! }))
}
