import {
  customEvent,
  type Envelope,
  isOfKind,
  paymentDisputed,
  paymentRefunded,
  screeningFailed,
  subscriptionCancelled,
  subscriptionPaid,
  transferRefused,
  userRegistered,
} from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import { takeTurn } from '../store/cap-counters.ts'
import { earliest } from './sender-event.ts'

/** What they grant is of their own time. */
const granting = [subscriptionPaid.type, customEvent.type]

/** They bring what waited, or take back or undo what was earned, however long ago that was. */
const reachingBack = [
  userRegistered.type,
  paymentRefunded.type,
  paymentDisputed.type,
  subscriptionCancelled.type,
  screeningFailed.type,
  transferRefused.type,
]

/**
 * Takes the turn where any of these events may spend under a cap, count for a tier or give back, and a rule asks for
 * that. The first thing of every load, for all events of the transaction: whoever has locked something else may no
 * longer wait for it.
 */
export async function takeTurnFor(tx: Transaction, all: readonly Envelope[]): Promise<void> {
  const isAmong = (kinds: readonly string[]) => all.some(({ type }) => kinds.some((kind) => isOfKind(type, kind)))
  if (isAmong(reachingBack)) await takeTurn(tx, null)
  else if (isAmong(granting)) await takeTurn(tx, earliest(all))
}
