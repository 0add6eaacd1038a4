import type { Envelope } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { LoadContext } from '@tributary/messaging'
import type { Referee } from '../domain/referral.ts'
import { lockAnchors, lockMeetingCustomers } from './lock-anchors.ts'

/**
 * Takes the turn, where rules count what was, and locks the anchors of all customers that the transaction's events meet
 * on, whichever type comes first; answers those of `events`.
 */
export async function lockCustomers(
  tx: Transaction,
  events: readonly Envelope<Readonly<{ externalUserId: string }>>[],
  context: LoadContext,
): Promise<Map<string, Referee>> {
  await lockAnchors(tx, context)
  const anchors: ReadonlyMap<string, Referee> = await lockMeetingCustomers(tx, context.all, context.now)
  return new Map(events.map(({ data: { externalUserId } }) => [externalUserId, anchors.get(externalUserId)!]))
}
