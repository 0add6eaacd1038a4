import { done, ignored, notYet, type Outcome } from '@tributary/messaging'
import type { FingerprintedRequest, Posting } from '../domain/books.ts'
import { contentOf } from '../domain/request.ts'
import { type Status, statuses } from '../domain/status.ts'
import type { AnsweredCause } from '../store/post-batch.ts'

/** What a status means to the message that asked. */
export function outcomeOf(status: Status): Outcome {
  switch (statuses[status]) {
    case 'posted':
      return done()
    case 'not_yet':
      return notYet(status)
    case 'answered':
    case 'refused':
    case 'nothing_to_do':
      return ignored(status)
  }
}

/** What is kept with the cause: nothing for what was answered before or has to come again. */
export function answerToKeep(request: FingerprintedRequest, { status, movements }: Posting): AnsweredCause[] {
  const { causeId, fingerprint } = request
  const outcome = statuses[status]
  if (outcome === 'answered' || outcome === 'not_yet') return []
  const answered = { causeId, fingerprint, asked: contentOf(request) }
  if (status === 'conflict') return [{ ...answered, outcome: 'conflict', reason: status, posted: 0 }]
  return [{ ...answered, outcome, reason: outcome === 'posted' ? null : status, posted: movements.length }]
}
