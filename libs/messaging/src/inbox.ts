import { type Database, isWithoutPartition, query, type Transaction } from '@tributary/database'

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

/**
 * Runs work that remembers messages; where the inbox has no partition for one of them, makes the whole window's and
 * runs it once more. Days are made ahead, but not while a service is switched off: what was sent meanwhile waits in its
 * queue, and is from days that nobody has made.
 */
export async function withInbox<T>(db: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isWithoutPartition(error)) throw error
    // Two days ahead: an id may be a day ahead of our clock, and midnight may come in between.
    await query(db, `select ensure_partitions('inbox', 'uuid-day', 2, ?)`, [INBOX_WINDOW_DAYS])
    return work()
  }
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
