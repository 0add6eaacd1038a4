import type { Database } from '@tributary/database'
import { within } from '../store/within.ts'

/** A value of the database that is kept for some seconds, and can be read anew. */
export type FreshReads<Value> = Readonly<{
  /** As of at most 5 s ago. */
  recent(db: Database, now: Date): Promise<Value>
  /** As of a moment after the call. */
  fresh(db: Database, now: Date): Promise<Value>
}>

const CACHE_MAX_MS = 5_000
/** All who ask wait for the same read: one that gets no answer must not keep the next one from being made. */
const PATIENCE_MS = 4_000

/** One read at a time, and one more for all who asked meanwhile: a flood of wrong signatures costs one connection. */
export function newFreshReads<Value>(read: (db: Database, now: Date) => Promise<Value>): FreshReads<Value> {
  let known: Readonly<{ value: Value; readAtMs: number }> | null = null
  let running: Promise<Value> | null = null
  let next: Promise<Value> | null = null

  async function readNow(db: Database, now: Date): Promise<Value> {
    const readAtMs = performance.now()
    const value = await within(PATIENCE_MS, read(db, now))
    known = { value, readAtMs }
    return value
  }

  function fresh(db: Database, now: Date): Promise<Value> {
    if (!running) {
      running = readNow(db, now).finally(() => {
        running = null
      })
      return running
    }
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null
        return fresh(db, now)
      })
    return next
  }

  return {
    async recent(db, now) {
      if (known && performance.now() - known.readAtMs < CACHE_MAX_MS) return known.value
      return await (running ?? fresh(db, now))
    },
    fresh,
  }
}
