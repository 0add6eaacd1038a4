import { Problem } from '@tributary/service-kit'
import type { AsOf } from '../store/as-of.ts'

/** What was read and as of when; throws the refusal where the instant has no answer. */
export function orRefuse<T>(asked: AsOf<T>): Readonly<{ instant: string; result: T }> {
  if (asked.status === 'in_the_future') throw new Problem('as_of_in_the_future')
  if (asked.status === 'before_retention') throw beforeRetention(asked.retainedSince)
  return asked
}

export function beforeRetention(retainedSince: string): Problem {
  return new Problem('as_of_before_retention', { detail: `entries are kept since ${retainedSince}` })
}

/** What a route that takes an instant can refuse it with. */
export const instantProblems = ['as_of_in_the_future', 'as_of_before_retention'] as const
