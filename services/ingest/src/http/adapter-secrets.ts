import type { KeyObject } from 'node:crypto'
import type { Database } from '@tributary/database'
import { adapters } from '../providers/adapters.ts'
import { insertFirstAdapterSecrets, listAdapterSecrets } from '../store/adapter-secrets.ts'
import type { Sealing } from '../store/sealing.ts'
import { newFreshReads } from './fresh-reads.ts'

/** The keys of each adapter that count now, one or two; null for an adapter without a secret. */
export type AdapterSecrets = Readonly<{
  /** As of at most 5 s ago. */
  keys(name: string, db: Database, now: Date): Promise<readonly KeyObject[] | null>
  /** As of a moment after the call: a sender may use a new secret as soon as it was set. */
  freshKeys(name: string, db: Database, now: Date): Promise<readonly KeyObject[] | null>
  /** Stores the secrets of the environment that have to be stored, so that what is listed is what counts. */
  storeFirst(db: Database, now: Date): Promise<void>
}>

type Known = ReadonlyMap<string, Readonly<{ current: KeyObject; previous: KeyObject | null; previousEndsAt: number }>>

/** `first` are stored once, for adapters that have none. */
export function newAdapterSecrets(sealing: Sealing, first: Readonly<Record<string, string>>): AdapterSecrets {
  let isFirstStored = Object.keys(first).length === 0
  const { recent, fresh } = newFreshReads(async (db, now): Promise<Known> => {
    await storeFirst(db, now)
    const known = new Map()
    for (const { name, secret, previous } of await listAdapterSecrets(db, sealing)) {
      const adapter = adapters.find((one) => one.source === name)
      // A row of an adapter that this version does not have yet, or not any more.
      if (!adapter || secret === null) continue
      known.set(name, {
        current: adapter.keyOf(secret),
        previous: previous && adapter.keyOf(previous.secret),
        previousEndsAt: previous ? previous.endsAt.getTime() : 0,
      })
    }
    return known
  })

  async function storeFirst(db: Database, now: Date): Promise<void> {
    if (isFirstStored) return
    await insertFirstAdapterSecrets(db, sealing, first, now)
    isFirstStored = true
  }

  function live(known: Known, name: string, now: Date): readonly KeyObject[] | null {
    const found = known.get(name)
    if (!found) return null
    const { current, previous, previousEndsAt } = found
    return previous && now.getTime() < previousEndsAt ? [current, previous] : [current]
  }

  return {
    keys: async (name, db, now) => live(await recent(db, now), name, now),
    freshKeys: async (name, db, now) => live(await fresh(db, now), name, now),
    storeFirst,
  }
}
