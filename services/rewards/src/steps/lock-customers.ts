import {
  customEvent,
  type Envelope,
  isOfKind,
  subscriptionCancelled,
  subscriptionPaid,
  userRegistered,
} from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { LoadContext } from '@tributary/messaging'
import type { Referee } from '../domain/referral.ts'
import { lockReferees } from '../store/referees.ts'
import { takeTurnFor } from './take-turn.ts'

type AboutCustomer = Readonly<{ externalUserId: string }>

const meetOnCustomers = [userRegistered.type, subscriptionPaid.type, customEvent.type, subscriptionCancelled.type]

/**
 * Takes the turn, where rules ask for one, and locks the anchors of all customers that the transaction's events meet on,
 * whichever type comes first; answers those of `events`.
 */
export async function lockCustomers(
  tx: Transaction,
  events: readonly Envelope<AboutCustomer>[],
  { all, now }: LoadContext,
): Promise<Map<string, Referee>> {
  await takeTurnFor(tx, all)
  const meeting = all.filter(({ type }) => meetOnCustomers.some((kind) => isOfKind(type, kind)))
  // Those types' schemas name their customer.
  const ids = meeting.map(({ data }) => (data as AboutCustomer).externalUserId)
  const anchors = await lockReferees(tx, ids, now)
  return new Map(events.map(({ data: { externalUserId } }) => [externalUserId, anchors.get(externalUserId)!]))
}
