/**
 * What became of a message:
 *
 *   done      its effects are committed                  acked
 *   ignored   nothing to do, and we know why             acked, counted apart
 *   rejected  it can never be handled                    nothing saved; parked at once, in the batch's transaction
 *   not_yet   something it builds on is still on its way nothing saved; retried with backoff, then parked
 *   (thrown)  we do not know what happened               rolled back; the batch is halved until the culprit is
 *                                                        alone, that one is retried with backoff, then parked
 *
 * Losing the database or the broker is none of these: the consumer pauses, and no message is blamed.
 */
export type Outcome =
  | Readonly<{ kind: 'done' }>
  | Readonly<{ kind: 'ignored'; reason: string }>
  | Readonly<{ kind: 'rejected'; reason: string }>
  | Readonly<{ kind: 'not_yet'; reason: string }>

const theDone = Object.freeze({ kind: 'done' })

export const done = (): Outcome => theDone
export const ignored = (reason: string): Outcome => ({ kind: 'ignored', reason })
export const rejected = (reason: string): Outcome => ({ kind: 'rejected', reason })
export const notYet = (reason: string): Outcome => ({ kind: 'not_yet', reason })
