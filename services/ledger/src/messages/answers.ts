import { done, ignored, notYet, type Outcome } from '@tributary/messaging'
import type { Posting } from '../domain/books.ts'
import type { RewardRequest } from '../domain/posting.ts'
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
export function answerToKeep({ causeId, fingerprint }: RewardRequest, { status, movements }: Posting): AnsweredCause[] {
  const outcome = statuses[status]
  if (outcome === 'answered' || outcome === 'not_yet') return []
  if (status === 'conflict') return [{ causeId, fingerprint, outcome: 'conflict', reason: 'conflict', posted: 0 }]
  return [{ causeId, fingerprint, outcome, reason: outcome === 'posted' ? null : status, posted: movements.length }]
}
