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
  /** A reservation for a cashout that has one by another cause. Never succeeds. */
  cashout_already_reserved: 'refused',
  /** What the user was given in total would pass 2^53 - 1 minor units. Never succeeds under this cause. */
  total_out_of_range: 'refused',

  /** A release, hold, resumption or reversal that overtook its earning. Succeeds once the earning has been posted. */
  reward_not_granted_yet: 'not_yet',
  /** The reservation was refused, so there is nothing to give back. Never moves money. */
  nothing_reserved: 'nothing_to_do',
  /**
   * The reservation was refused, and now it is asked for by another cause, or a provider has paid all the same: somebody
   * has to look into that. Never succeeds; another cashout may.
   */
  cashout_was_refused: 'refused',
  /** A payment or a return that overtook the reservation. Succeeds once the reservation has been answered. */
  cashout_not_reserved_yet: 'not_yet',

  /** The reward belongs to somebody else: whoever sent this is wrong. Never succeeds. */
  reward_of_another_user: 'refused',
  /** The reward was granted in another currency. Never succeeds. */
  reward_in_another_currency: 'refused',
  /** The money was reserved for somebody else's cashout. Never succeeds. */
  cashout_of_another_user: 'refused',
  /** The money was reserved in another currency. Never succeeds. */
  cashout_in_another_currency: 'refused',
  /** Another provider has paid it. Never succeeds. */
  cashout_of_another_provider: 'refused',
  /** The cashout was reserved with another amount. Never succeeds. */
  cashout_of_another_amount: 'refused',

  /** A hold or a resumption that a later one has overtaken. Never moves money: the later one says how the reward stands. */
  hold_superseded: 'nothing_to_do',
  /** The reward has no money left that could be set aside; it counts as held all the same. Never moves money. */
  nothing_to_hold: 'nothing_to_do',
  /** Nothing of the reward was set aside. Never moves money. */
  nothing_held: 'nothing_to_do',
  /** A release of a reward of which nothing is pending any more, since it was reversed or released. Never moves money. */
  nothing_pending: 'nothing_to_do',
  /** A reversal of a reward that has been taken back whole. Never moves money. */
  nothing_left_to_reverse: 'nothing_to_do',

  /** A return after a return, or a payment after a payment. Never moves money. */
  nothing_in_payout: 'nothing_to_do',
  /** A bounce after a bounce. Never moves money. */
  nothing_paid: 'nothing_to_do',
  /** A bounce that overtook its payment. Succeeds once the payment has been posted. */
  cashout_not_paid_yet: 'not_yet',
  /** A return of a cashout that the provider has paid: the two contradict each other, and the first was acted on. Never succeeds. */
  cashout_was_paid: 'refused',
  /** A payment of a cashout whose money was given back: somebody has to look into it. Never succeeds. */
  cashout_was_returned: 'refused',

  /** The user has less available than was asked for. Never succeeds under this cause; a new one may. */
  insufficient_available: 'refused',
  /** After all of the above, it must succeed. */
  posted: 'posted',
} as const satisfies Record<string, 'posted' | 'answered' | 'refused' | 'not_yet' | 'nothing_to_do'>

export type Status = keyof typeof statuses
/** Answers that are kept with their cause. */
export type FrozenOutcome = 'posted' | 'refused' | 'nothing_to_do'
