import { type Database, query } from '@tributary/database'
import { quantile as sortedQuantile } from '../load.ts'
import { cpuMsOfSingleThreads } from '../meter.ts'
import type { Posting } from './ledger-postings.ts'

/** What some transactions took, each of the same number of transfers. */
export type Measured = Readonly<{
  transfers: number
  ms: number
  cpuMs: number
  walBytes: number
  diskBytes: number
  /** Of each transaction. */
  batchMs: readonly number[]
}>

/** How much a server has used so far: all its processes, all its log, one database on disk. */
export type Gauge = () => Promise<Readonly<{ cpuMs: number; walBytes: number; diskBytes: number }>>

/** `admin` is connected to the database whose size counts. */
export function newGauge(admin: Database, pid: number): Gauge {
  return async () => {
    const [row] = await query<{ wal: bigint; disk: bigint }>(
      admin,
      `select (pg_current_wal_insert_lsn() - '0/0')::bigint as wal, pg_database_size(current_database()) as disk`,
    )
    return { cpuMs: cpuMsOfSingleThreads({ pid }), walBytes: Number(row!.wal), diskBytes: Number(row!.disk) }
  }
}

/** Posts batch after batch while `more` says so. What is sent is made beside the clock; only the posting counts. */
export async function measure(
  gauge: Gauge,
  newBatch: () => readonly Posting[],
  post: (postings: readonly Posting[]) => Promise<void>,
  more: (batches: number, ms: number) => boolean,
): Promise<Measured> {
  const before = await gauge()
  const batchMs: number[] = []
  let [transfers, ms] = [0, 0]
  while (more(batchMs.length, ms)) {
    const postings = newBatch()
    const startedAt = performance.now()
    await post(postings)
    const tookMs = performance.now() - startedAt
    batchMs.push(tookMs)
    ms += tookMs
    transfers += postings.length
  }
  const after = await gauge()
  return {
    transfers,
    ms,
    cpuMs: after.cpuMs - before.cpuMs,
    walBytes: after.walBytes - before.walBytes,
    diskBytes: after.diskBytes - before.diskBytes,
    batchMs,
  }
}

export function add(sum: Measured | undefined, more: Measured): Measured {
  if (sum === undefined) return more
  return {
    transfers: sum.transfers + more.transfers,
    ms: sum.ms + more.ms,
    cpuMs: sum.cpuMs + more.cpuMs,
    walBytes: sum.walBytes + more.walBytes,
    diskBytes: sum.diskBytes + more.diskBytes,
    batchMs: [...sum.batchMs, ...more.batchMs],
  }
}

/** Milliseconds or bytes for each transfer. */
export const perTransfer = (measured: Measured, what: 'cpuMs' | 'walBytes' | 'diskBytes') =>
  measured[what] / measured.transfers

/** Of values in any order. */
export const quantile = (values: readonly number[], share: number) =>
  sortedQuantile(
    values.toSorted((a, b) => a - b),
    share,
  )
