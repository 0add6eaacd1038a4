import { query, type Transaction } from '@tributary/database'

/** How far back the inbox remembers; its older days are dropped, and a message from before is parked. */
export const INBOX_WINDOW_DAYS = 35
const DAY_MS = 86_400_000

/**
 * Remembers these messages in the caller's transaction; answers the ones that were not known. A message that
 * another transaction is just handling makes us wait for that one's end. Sorted, so that two batches that share
 * messages cannot deadlock.
 */
export async function rememberMessages(tx: Transaction, messageIds: readonly string[]): Promise<Set<string>> {
  const rows = await query<{ message_id: string }>(
    tx,
    `insert into inbox (message_id) select distinct id from unnest(?::uuid[]) id order by id
     on conflict do nothing returning message_id`,
    [messageIds],
  )
  return new Set(rows.map((row) => row.message_id))
}

/** Forgets messages that will come again, in the same transaction that remembered them. */
export async function forgetMessages(tx: Transaction, messageIds: readonly string[]): Promise<void> {
  await query(tx, 'delete from inbox where message_id = any(?::uuid[])', [messageIds])
}

/** Whether the inbox can tell if it knows a message: its id is from inside the window that partitions exist for. */
export function isInsideWindow(messageId: string, now: Date): boolean {
  const mintedAt = mintedAtMs(messageId)
  return mintedAt > now.getTime() - INBOX_WINDOW_DAYS * DAY_MS && mintedAt < now.getTime() + DAY_MS
}

/** The milliseconds since 1970 that a UUIDv7 carries in its first 48 bits. */
export function mintedAtMs(uuidV7: string): number {
  return Number.parseInt(uuidV7.slice(0, 8) + uuidV7.slice(9, 13), 16)
}
