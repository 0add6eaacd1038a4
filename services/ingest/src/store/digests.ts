import { createHash, type Hash } from 'node:crypto'
import { type Database, inTransaction, query } from '@tributary/database'
import { lowestIdAt } from '../domain/event-time.ts'
import { SOURCE } from './journal.ts'

/** What was accepted from a source on a day: how many webhooks, and the SHA-256 over their ids. */
export type Digest = Readonly<{ source: string; count: number; sha256: string }>

const DAY_MS = 86_400_000
/** In memory at once, some 2 MB. */
const IDS_A_FETCH = 10_000

/**
 * Each source's webhooks received on a UTC day, in the order of their names; the default source is there even with none.
 * The hash is over the ids, sorted by their bytes, each followed by a line feed. The database sorts, on disk where they
 * are many, and they are hashed as they stream by. A day whose events were let go answers as it did before.
 */
export async function digestsOfDay(db: Database, day: Date, fetched = IDS_A_FETCH): Promise<readonly Digest[]> {
  const kept = await query<Digest>(
    db,
    'select source, count::int as count, sha256 from digests_of_dropped_days where day = ? order by source collate "C"',
    [day.toISOString().slice(0, 10)],
  )
  const digests = kept.length > 0 ? kept : await digestIds(db, day, fetched)
  return digests.some(({ source }) => source === SOURCE) ? digests : [finish(SOURCE, newTally()), ...digests]
}

async function digestIds(db: Database, day: Date, fetched: number): Promise<readonly Digest[]> {
  const tallies = new Map<string, Tally>()
  await inTransaction(db, async (tx) => {
    tallies.clear()
    // Sorting a million ids takes seconds on a busy machine. It only reads, so it holds back no relay.
    await query(tx, `set local statement_timeout = '60s'`)
    await query(
      tx,
      `declare ids no scroll cursor for select source, webhook_id from webhook_events
       where event_id >= ?::uuid and event_id < ?::uuid order by source collate "C", webhook_id collate "C"`,
      [lowestIdAt(day), lowestIdAt(new Date(day.getTime() + DAY_MS))],
    )
    for (;;) {
      const rows = await query<{ source: string; webhook_id: string }>(tx, `fetch ${fetched} from ids`)
      for (const { source, webhook_id } of rows) {
        const tally = tallies.get(source) ?? newTally()
        tallies.set(source, tally)
        tally.count++
        tally.hash.update(`${webhook_id}\n`)
      }
      if (rows.length < fetched) return
    }
  })
  return [...tallies].map(([source, tally]) => finish(source, tally))
}

type Tally = { count: number; hash: Hash }

const newTally = (): Tally => ({ count: 0, hash: createHash('sha256') })

const finish = (source: string, { count, hash }: Tally): Digest => ({ source, count, sha256: hash.digest('hex') })
