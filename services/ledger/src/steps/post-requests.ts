import type { EventData, EventDefinition } from '@tributary/contracts'
import { type Consumer, consume, type Outcome, type Steps } from '@tributary/messaging'
import { type Books, type FingerprintedRequest, type Posting, post } from '../domain/books.ts'
import { type Request, withPlainIds } from '../domain/request.ts'
import type { LedgerMetrics } from '../metrics.ts'
import { lockAndLoadBooks } from '../store/load-books.ts'
import { outcomeOf } from './answers.ts'
import { fingerprinted } from './fingerprint.ts'
import { savePostings } from './save-postings.ts'

type Decision = Readonly<{ outcome: Outcome; request: FingerprintedRequest; posting: Posting }>

/** Handles an event that moves money; the three steps are the same for all, only what each asks for differs. */
export function postRequests<E extends EventDefinition>(
  definition: E,
  toRequest: (data: EventData<E>) => Request,
  metrics: LedgerMetrics,
): Consumer {
  return consume(definition, stepsOf(toRequest, metrics))
}

function stepsOf<E extends EventDefinition>(
  toRequest: (data: EventData<E>) => Request,
  metrics: LedgerMetrics,
): Steps<E, Books, Decision> {
  return {
    load: (tx, events) =>
      lockAndLoadBooks(
        tx,
        events.map((event) => withPlainIds(toRequest(event.data))),
      ),
    decide(books, event) {
      const request = fingerprinted(toRequest(event.data))
      const posting = post(books, request)
      return [{ outcome: outcomeOf(posting.status), request, posting }, books]
    },
    async save(tx, decided, publish, { now, newId }) {
      const answered = decided.map(({ event, decision: { request, posting } }) => ({
        request,
        posting,
        because: event,
        effectiveAt: event.time,
      }))
      const transfers = await savePostings(tx, answered, publish, newId)
      for (const [index, { event }] of decided.entries()) {
        const secondsSinceEvent = (now.getTime() - Date.parse(event.time)) / 1_000
        for (const { kind } of transfers[index]!) metrics.posted(kind, secondsSinceEvent)
      }
    },
  }
}
