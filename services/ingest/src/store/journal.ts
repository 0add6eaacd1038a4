import { classify, type Database } from '@tributary/database'
import { GroupCommit } from './group-commit.ts'
import { compareWithStored, insertEntries, type JournalEntry } from './journal-rows.ts'

/** The sender who signs as Standard Webhooks has it. Each adapter is a source of its own. */
export const SOURCE = 'default'

/** `eventId` is the one of the first delivery: for a duplicate, and for a conflict, not the one that was given. */
export type Appended = Readonly<{ kind: 'new' | 'duplicate' | 'conflict'; eventId: string }>

type Result = Appended | Readonly<{ kind: 'unstorable'; error: unknown }>

export type Journal = Readonly<{
  /** Resolves once committed. Rejects when it was not, or may not have been. */
  append(entry: JournalEntry): Promise<Appended>
  drain(): Promise<void>
}>

/** More than a second of the fastest intake measured; who waits longer than that will not wait for the answer. */
const WAITING_MAX = 10_000
const PATIENCE_MS = 4_000
const ATTEMPTS_MAX = 3

/** `onStored` is called after each commit that stored something. */
export function newJournal(db: Database, batchMax: number, onStored: () => void): Journal {
  const group = new GroupCommit<JournalEntry, Result>({
    async commit(entries) {
      const results = await appendBatch(db, entries)
      if (results.some((result) => result.kind === 'new')) onStored()
      return results
    },
    batchMax,
    // One on its way while the next one is being prepared; with more, the batches only get smaller. Where each webhook
    // has its own commit, only the pool bounds them.
    inFlightMax: batchMax === 1 ? 1_000 : 2,
    waitingMax: WAITING_MAX,
    patienceMs: PATIENCE_MS,
  })
  return {
    async append(entry) {
      const result = await group.submit(entry)
      if (result.kind === 'unstorable') throw result.error
      return result
    },
    drain: () => group.drain(),
  }
}

/** Stores the entries in one commit and says what each of them was; also where several have the same webhook id. */
export async function appendBatch(db: Database, entries: readonly JournalEntry[]): Promise<Result[]> {
  const firsts = new Map<string, JournalEntry>()
  for (const entry of entries) {
    const key = keyOf(entry)
    if (!firsts.has(key)) firsts.set(key, entry)
  }
  const { stored, unstorable } = await insertOrHalve(db, [...firsts.values()])
  // Those that were there before, and those that came twice in this batch: compared with what is stored now.
  const others = entries.filter((entry) => !stored.has(entry.eventId) && !unstorable.has(keyOf(entry)))
  const known = others.length === 0 ? null : await compareWithStored(db, others)
  return entries.map((entry) => {
    if (stored.has(entry.eventId)) return { kind: 'new', eventId: entry.eventId }
    const error = unstorable.get(keyOf(entry))
    if (error) return { kind: 'unstorable', error }
    return known?.get(entry.eventId) ?? { kind: 'unstorable', error: new Error('neither stored nor there before') }
  })
}

/** No name of a source has a space. */
const keyOf = ({ source, webhookId }: JournalEntry) => `${source} ${webhookId}`

type Inserted = Readonly<{
  /** Event ids. */
  stored: Set<string>
  /** By source and webhook id. */
  unstorable: Map<string, unknown>
}>

/** Values that can never be stored cost only themselves: the batch is halved around them. */
async function insertOrHalve(db: Database, entries: readonly JournalEntry[], attempt = 1): Promise<Inserted> {
  try {
    return { stored: await insertEntries(db, entries), unstorable: new Map() }
  } catch (error) {
    const reason = classify(error)
    if (reason === 'retry' && attempt < ATTEMPTS_MAX) return await insertOrHalve(db, entries, attempt + 1)
    if (reason !== 'data') throw error
    if (entries.length === 1) return { stored: new Set(), unstorable: new Map([[keyOf(entries[0]!), error]]) }
    const middle = Math.ceil(entries.length / 2)
    const left = await insertOrHalve(db, entries.slice(0, middle))
    const right = await insertOrHalve(db, entries.slice(middle))
    return {
      stored: new Set([...left.stored, ...right.stored]),
      unstorable: new Map([...left.unstorable, ...right.unstorable]),
    }
  }
}
