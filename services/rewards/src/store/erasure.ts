import { query, type Transaction } from '@tributary/database'

export type Erasure = Readonly<{
  userId: string
  externalId: string
  at: Date
  doneBy: string
  /** What commands whose answer named the person answer from now on. */
  answer: string
}>

/** Removes a person from every row of this service. Their anchor in `referees` is locked, then their row in `users`. */
export async function erasePerson(tx: Transaction, { userId, externalId, at, doneBy, answer }: Erasure): Promise<void> {
  await query(tx, 'select erase_person(?::uuid, ?, ?::timestamptz, ?, ?)', [userId, externalId, at, doneBy, answer])
}

/** Whether events that came before this customer's registration are still to be decided. */
export async function hasWaitingEvents(tx: Transaction, externalUserId: string): Promise<boolean> {
  const rows = await query(tx, 'select 1 from waiting_events where external_user_id = ? and until = ? limit 1', [
    externalUserId,
    'registration',
  ])
  return rows.length > 0
}
