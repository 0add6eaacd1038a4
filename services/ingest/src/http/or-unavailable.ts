import { unavailable } from '@tributary/service-kit'
import { within } from '../store/within.ts'

/** Longer than any of the parts of storing a webhook waits by itself. */
const PATIENCE_MS = 8_000

/** Whatever keeps the database from answering, the sender is asked to try again: nothing was stored by halves. */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await within(PATIENCE_MS, work)
  } catch (error) {
    const problem = unavailable('the webhook could not be stored; send it again with the same webhook-id')
    problem.cause = error
    throw problem
  }
}
