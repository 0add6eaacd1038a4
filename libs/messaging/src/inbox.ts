import { type Database, isWithoutPartition, preparedQuery, query, type Transaction, uuids } from '@tributary/database'

/** How far back the inbox remembers; its older days are dropped, and a message from before is parked. */
export const INBOX_WINDOW_DAYS = 35
const DAY_MS = 86_400_000

/** Remembers messages in the caller's transaction; answers the ones that were not known. */
export type Remember = (tx: Transaction, messageIds: readonly string[]) => Promise<Set<string>>

/**
 * Runs work that remembers messages, at first as if all were new: that is nearly always so, and asking first cost as much
 * as the insert itself. Where one was known, or is just being handled by another transaction, the insert ends the
 * transaction before it did anything else, and the work is run once more with `rememberNew`.
 * Where the inbox has no partition for one of them, makes the whole window's and runs it again. Days are made ahead, but
 * not while a service is switched off: what was sent meanwhile waits in its queue, and is from days that nobody has made.
 */
export async function withInbox<T>(db: Database, work: (remember: Remember) => Promise<T>): Promise<T> {
  let remember = rememberAll
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(remember)
    } catch (error) {
      if (attempt === ATTEMPTS_MAX) throw error
      if (isAlreadyRemembered(error)) remember = rememberNew
      // Two days ahead: an id may be a day ahead of our clock, and midnight may come in between.
      else if (isWithoutPartition(error))
        await query(db, `select ensure_partitions('inbox', 'uuid-day', 2, ?)`, [INBOX_WINDOW_DAYS])
      else throw error
    }
  }
}

/** Once as usual, once for each of the two things that may be in the way. */
const ATTEMPTS_MAX = 3

/** Sorted, so that two batches that share messages cannot deadlock. */
const rememberAll: Remember = async (tx, messageIds) => {
  const all = new Set(messageIds)
  await preparedQuery(tx, 'remember_all_messages', 'insert into inbox (message_id) select unnest(?::uuid[])', [
    uuids([...all].sort()),
  ])
  return all
}

/** A message that another transaction is just handling makes us wait for that one's end. */
const rememberNew: Remember = async (tx, messageIds) => {
  const rows = await query<{ message_id: string }>(
    tx,
    `insert into inbox (message_id) select distinct id from unnest(?::uuid[]) id order by id
     on conflict do nothing returning message_id`,
    [messageIds],
  )
  return new Set(rows.map((row) => row.message_id))
}

/** The violated key is that of a partition: `inbox_20260131`. */
function isAlreadyRemembered(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('table' in error)) return false
  return error.code === '23505' && /^inbox_\d{8}$/.test(String(error.table))
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
