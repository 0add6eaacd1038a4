/**
 * Every answer the ledger gives, in the order in which they are checked, and whether the same request can ever be
 * answered differently.
 *
 *   posted          the money has moved
 *   answered        this cause was answered before; the first answer stands, nothing is written
 *   refused         final: frozen with the cause and published as transfer.refused; a retry gets the same answer
 *   not_yet         what it builds on has not arrived; nothing is written, a retry can succeed
 *   nothing_to_do   final: it came too late to move anything; frozen with the cause, and nobody's fault
 */
export const statuses = {
  /** Same cause, same content. A retry never changes it. */
  already_answered: 'answered',
  /** Same cause, other content: one of the two is wrong, and the first was acted on. Never succeeds; needs a new cause. */
  conflict: 'refused',
  /** An earning for a reward that has been granted by another cause. Never succeeds. */
  reward_already_granted: 'refused',
  /** What the user has earned in total would pass 2^53 - 1 minor units. Never succeeds under this cause. */
  total_out_of_range: 'refused',
  /** A release or a reversal that overtook its earning. Succeeds once the earning has been posted. */
  reward_not_granted_yet: 'not_yet',
  /** The reward belongs to somebody else: whoever sent this is wrong. Never succeeds. */
  reward_of_another_user: 'refused',
  /** The reward was granted in another currency. Never succeeds. */
  reward_in_another_currency: 'refused',
  /** A release of a reward of which nothing is pending any more, since it was reversed or released. Never moves money. */
  nothing_pending: 'nothing_to_do',
  /** A reversal of a reward that has been taken back whole. Never moves money. */
  nothing_left_to_reverse: 'nothing_to_do',
  /** After all of the above, it must succeed. */
  posted: 'posted',
} as const satisfies Record<string, 'posted' | 'answered' | 'refused' | 'not_yet' | 'nothing_to_do'>

export type Status = keyof typeof statuses
/** Answers that are kept with their cause. */
export type FrozenOutcome = 'posted' | 'refused' | 'nothing_to_do'
