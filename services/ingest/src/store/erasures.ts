import { type Database, query, type Transaction } from '@tributary/database'
import { lowestIdAt } from '../domain/event-time.ts'

export type Erasure = Readonly<{ userId: string; externalUserId: string; askedAt: Date }>

/** Keeps whom to forget. Asked for twice, it is one. */
export async function insertErasures(tx: Transaction, erasures: readonly Erasure[]): Promise<void> {
  await query(
    tx,
    `insert into erasures (user_id, external_user_id, asked_at, up_to)
     select * from unnest(?::uuid[], ?::text[], ?::timestamptz[], ?::uuid[]) order by 1 on conflict do nothing`,
    [
      erasures.map((one) => one.userId),
      erasures.map((one) => one.externalUserId),
      erasures.map((one) => one.askedAt),
      erasures.map((one) => lowestIdAt(one.askedAt)),
    ],
  )
}

/** Who is to be forgotten next, of those asked for before an instant. */
export async function findErasureToDo(db: Database, askedBefore: Date): Promise<string | null> {
  const [row] = await query<{ user_id: string }>(
    db,
    'select user_id from erasures where done_at is null and asked_at < ? order by asked_at limit 1',
    [askedBefore],
  )
  return row?.user_id ?? null
}

/** Looks through the next `scanned` events for a person. `waiting`: an event among them is not published yet. */
export async function eraseWebhooks(
  db: Database,
  userId: string,
  scanned: number,
  at: Date,
): Promise<'more' | 'waiting' | 'done'> {
  const [row] = await query<{ state: 'more' | 'waiting' | 'done' }>(db, 'select erase_webhooks(?, ?, ?) as state', [
    userId,
    scanned,
    at,
  ])
  return row!.state
}
